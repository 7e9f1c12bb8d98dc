import { createProgram } from "../../src/tools/cli/program.ts";
import { runProgram } from "../../src/tools/cli/run-program.ts";
import type { CliResult } from "./cli.ts";

/** Captures the output of a stream until it is restored. */
function capture(stream: NodeJS.WriteStream): () => string {
  const write = stream.write.bind(stream);
  let text = "";
  stream.write = (chunk) => {
    text += String(chunk);
    return true;
  };
  return () => {
    stream.write = write;
    return text;
  };
}

/** Runs a command line in this process like a new process; only one at a time. */
export async function runCommandHere(args: readonly string[], folder: string): Promise<CliResult> {
  const before = { argv: process.argv, folder: process.cwd() };
  const takeStdout = capture(process.stdout);
  const takeStderr = capture(process.stderr);
  process.argv = [process.execPath, "wsb-addin", ...args];
  process.chdir(folder);
  try {
    await runProgram(createProgram());
    return { code: Number(process.exitCode ?? 0), stdout: takeStdout(), stderr: takeStderr() };
  } finally {
    takeStdout();
    takeStderr();
    process.chdir(before.folder);
    process.argv = before.argv;
    process.exitCode = 0;
    // Normally each command has its own process and registers these once.
    for (const signal of ["SIGINT", "SIGTERM"]) process.removeAllListeners(signal);
  }
}
