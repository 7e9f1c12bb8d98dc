import type {
  NativeProcess,
  NativeProcessEnd,
  NativeProcessOptions,
} from "../runtime/native/binding.ts";

/** A program that a check runs. */
export type TestProgram = Pick<NativeProcessOptions, "file" | "commandLine" | "folder">;

/** Simulates a program: returns its exit code and its output. */
export type PlayProgram = (program: TestProgram) => NativeProcessEnd | Promise<NativeProcessEnd>;

// The result of a killed process on Windows.
const KILLED: NativeProcessEnd = { exitCode: 1, output: "" };

/** Returns a starter of programs that the test simulates. */
export function programsOf(
  play: PlayProgram | undefined,
): (options: NativeProcessOptions) => NativeProcess {
  return (options: NativeProcessOptions): NativeProcess => {
    if (play === undefined) {
      throw new Error("the test does not simulate programs; pass runProgram to createTestHost");
    }
    const killing = new AbortController();
    const killed = new Promise<NativeProcessEnd>((resolve) => {
      killing.signal.addEventListener("abort", () => resolve(KILLED), { once: true });
    });
    const { file, commandLine, folder } = options;
    const ended = Promise.race([Promise.resolve(play({ file, commandLine, folder })), killed]);
    return { pid: process.pid, ended, kill: () => killing.abort() };
  };
}
