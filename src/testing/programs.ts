import type {
  NativeProcess,
  NativeProcessEnd,
  NativeProcessOptions,
} from "../runtime/native/binding.ts";

/** A program that a check runs. */
export type TestProgram = Pick<NativeProcessOptions, "file" | "commandLine" | "folder">;

/** Plays a program: returns its exit code and what it writes. */
export type PlayProgram = (program: TestProgram) => NativeProcessEnd | Promise<NativeProcessEnd>;

// What Windows makes of a process that is killed.
const KILLED: NativeProcessEnd = { exitCode: 1, output: "" };

/** Starts the programs that a test plays in the place of Windows' own. */
export function programsOf(
  play: PlayProgram | undefined,
): (options: NativeProcessOptions) => NativeProcess {
  return (options: NativeProcessOptions): NativeProcess => {
    if (play === undefined) {
      throw new Error("the test plays no programs; give createTestHost runProgram");
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
