import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { bundleAddin } from "../src/tools/build/bundle-addin.ts";
import { createGuid } from "../src/base/guid.ts";
import { cloneLab } from "../test/helpers/lab/clone-lab.ts";
import type { WineLab } from "../src/tools/lab/lab.ts";
import { toWindowsPath } from "../src/tools/lab/paths.ts";
import { endLabProcesses } from "../src/tools/lab/processes.ts";
import { runInLab } from "../src/tools/lab/run.ts";
import { MANIFEST_FILE, SERVER_FILE } from "../src/runtime/manifest/manifest.ts";
import type { Pair } from "./result.ts";

const LINGER_MS = 200;
// Far more than any program needs unless it hangs.
const LIMIT_MS = 600_000;

/**
 * The error for a program of the lab that did not end.
 *
 * Wine 8 sometimes loses the release of an object: its RpcServerUnregisterIf first checks for a
 * running call and then registers to be told of its end, so it waits for ever if the call ends in
 * between.
 */
export class ProgramStuckError extends Error {
  constructor(file: string, args: readonly string[]) {
    super(`${file} ${args.join(" ")} was still running after ${LIMIT_MS / 1000} s.`);
    this.name = "ProgramStuckError";
  }
}

/** A built add-in, beside its manifest. */
export interface BenchAddin {
  readonly clsid: string;
  readonly writerId: string;
  readonly folder: string;
  readonly serverScript: string;
}

/** The arguments of the native client; see native/bench/measures.hpp. */
export interface ClientOptions {
  /** The number of clients to run, one after the other. @defaultValue 1 */
  readonly runs?: number;
  /** The rounds of each client. */
  readonly rounds: number;
  readonly size: number;
  readonly texts?: readonly string[];
  /** The classes or writers to call. @defaultValue the bed's own classes */
  readonly ours?: string;
  readonly peer?: string;
}

/** The bench's own lab, where our add-in and the C++ server are registered. */
export interface Bed {
  readonly lab: WineLab;
  /** The folder for the files of a measure. */
  readonly folder: string;
  readonly ours: BenchAddin;
  /** Returns the Windows path of a program of native/bench. */
  program(name: string): string;
  /** Returns the command line of the C++ server for a class. */
  peerCommand(clsid: string): string;
  /** Builds another add-in without registering it. */
  buildAddin(name: string, settings?: Readonly<Record<string, unknown>>): Promise<BenchAddin>;
  /** Runs a Windows program, waits until it ends and returns its output; throws when it fails. */
  run(program: string, args: readonly string[], cwd?: string): Promise<string>;
  /** Runs wsb-addin in the lab's node.exe, in an add-in's folder. */
  command(addin: BenchAddin, args: readonly string[]): Promise<string>;
  /** Lets the native client measure both sides. */
  measure(name: string, options: ClientOptions): Promise<Pair>;
  remove(): Promise<void>;
}

/** Makes the bed; does not change the lab that `up` describes. */
export async function makeBed(root: string, up: WineLab): Promise<Bed> {
  const folder = mkdtempSync(join(up.folder, "bench-"));
  const lab = cloneLab(up, join(folder, "lab"));
  const program = (name: string): string =>
    toWindowsPath(lab, join(root, "build", "native-bench", name));

  const run = async (file: string, args: readonly string[], cwd?: string): Promise<string> => {
    let output = "";
    let errors = "";
    const signal = AbortSignal.timeout(LIMIT_MS);
    const code = await runInLab(lab, file, args, {
      ...(cwd === undefined ? {} : { cwd }),
      signal,
      onStdout: (text) => {
        output += text;
      },
      onStderr: (text) => {
        errors += text;
      },
    }).catch((error: unknown) => {
      throw signal.aborted ? new ProgramStuckError(file, args) : error;
    });
    if (code !== 0)
      throw new Error(`${file} ${args.join(" ")} ended with ${code}: ${errors}${output}`);
    return output;
  };

  const buildAddin: Bed["buildAddin"] = async (name, settings = {}) => {
    const place = join(folder, name);
    const clsid = createGuid();
    const identity = { clsid, appId: createGuid(), writerId: createGuid() };
    const manifestFile = join(place, MANIFEST_FILE);
    mkdirSync(join(place, "node_modules"), { recursive: true });
    const manifest = {
      name,
      applicationIdentifier: name,
      lingerMs: LINGER_MS,
      ...identity,
      ...settings,
    };
    writeFileSync(manifestFile, JSON.stringify(manifest));
    symlinkSync(root, join(place, "node_modules", "wsb-addin"));
    const outFolder = join(place, "dist");
    await bundleAddin({
      manifestFile,
      entry: join(root, "bench", "addin.ts"),
      writerEntry: join(root, "bench", "writer.ts"),
      outFolder,
    });
    const { writerId } = identity;
    return { clsid, writerId, folder: place, serverScript: join(outFolder, SERVER_FILE) };
  };

  const main = toWindowsPath(lab, join(root, "dist", "cli", "main.js"));
  const command: Bed["command"] = (addin, args) => run(lab.nodeExe, [main, ...args], addin.folder);

  const peerCommand = (clsid: string): string => `"${program("wsb-bench-server.exe")}" ${clsid}`;
  const peerClsid = createGuid();
  const key = `HKLM\\SOFTWARE\\Classes\\CLSID\\${peerClsid}\\LocalServer32`;
  await run("reg.exe", ["add", key, "/ve", "/t", "REG_SZ", "/d", peerCommand(peerClsid), "/f"]);
  const ours = await buildAddin("bench");
  await command(ours, ["register", "--allow-writable-folder"]);

  return {
    lab,
    folder,
    ours,
    program,
    peerCommand,
    buildAddin,
    run,
    command,
    async measure(name, { runs = 1, rounds, size, texts = [], ...classes }) {
      const sides = [classes.ours ?? ours.clsid, classes.peer ?? peerClsid];
      const args = [name, ...sides, String(rounds), String(size), ...texts];
      const pairs: Pair[] = [];
      for (let index = 0; index < runs; index += 1) {
        const output = await run(program("wsb-bench-client.exe"), args);
        if (output.trim() !== "") pairs.push(JSON.parse(output));
      }
      return {
        ours: pairs.flatMap((pair) => pair.ours),
        peer: pairs.flatMap((pair) => pair.peer),
      };
    },
    async remove() {
      await endLabProcesses(lab);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
