import type {
  NativeProcess,
  NativeProcessEnd,
  NativeProcessOptions,
} from "../../../src/runtime/native/binding.ts";

/** The result of a killed process on Windows. */
export const KILLED: NativeProcessEnd = { exitCode: 1, output: "so far" };

/** A process that runs until a test ends it or it is killed. */
export class FakeProcess implements NativeProcess {
  readonly pid: number;
  readonly options: NativeProcessOptions;
  readonly ended: Promise<NativeProcessEnd>;
  kills = 0;
  #end: (end: NativeProcessEnd) => void = () => {};

  constructor(pid: number, options: NativeProcessOptions) {
    this.pid = pid;
    this.options = options;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  end(exitCode: number, output = ""): void {
    this.#end({ exitCode, output });
  }

  kill(): void {
    this.kills += 1;
    this.#end(KILLED);
  }
}

/** A machine without Windows, on which programs are started. */
export class FakeProcesses {
  readonly started: FakeProcess[] = [];

  readonly startProcess = (options: NativeProcessOptions): FakeProcess => {
    const process = new FakeProcess(100 + this.started.length, options);
    this.started.push(process);
    return process;
  };

  /** Returns the process that was started last. */
  get last(): FakeProcess {
    const process = this.started.at(-1);
    if (process === undefined) throw new Error("nothing was started");
    return process;
  }
}
