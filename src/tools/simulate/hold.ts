import { PREBUILT } from "../lab/binaries.ts";
import { startLineProgram, type LineProgram } from "./line-program.ts";

/** Every process of the lab, held still as a shadow copy holds every write. */
export interface Hold {
  readonly processes: number;
  /** Holds who came since, and returns how many that were. */
  again(): Promise<number>;
  /** Lets everybody go. Idempotent. */
  release(): Promise<void>;
}

async function heldIn(line: Promise<readonly string[]>): Promise<number> {
  const [, processes] = await line;
  return Number(processes);
}

/**
 * Holds every process of the lab but Wine's own, this one and the named ones. They go on when this
 * process ends, however that happens.
 *
 * @throws {@link WsbError} `ERR_WSB_LAB` when the lab's program does not run.
 */
export async function holdAll(spared: readonly number[] = []): Promise<Hold> {
  const ids = [process.pid, ...spared].map(String);
  const program: LineProgram = startLineProgram(PREBUILT.holder, ["hold", ...ids]);
  let released: Promise<void> | undefined;
  const processes = await heldIn(program.line());
  return {
    processes,
    again: () => heldIn(program.ask("again")),
    release: () => {
      released ??= program.end().then(() => {});
      return released;
    },
  };
}

/** Lets everybody go whom a killed hold has left. @throws as {@link holdAll}. */
export async function releaseLeft(): Promise<void> {
  const program = startLineProgram(PREBUILT.holder, ["release"]);
  await program.line();
  await program.end();
}
