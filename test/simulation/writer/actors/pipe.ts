import { Stopped, type Process } from "../../machine/processes.ts";
import type { WriterWorld } from "../world.ts";

export interface PipeEnds {
  readonly from: Process;
  readonly to: Process;
  readonly onLine: (line: string) => void;
  readonly onEnd: () => void;
}

/** One direction of a pipe: lines arrive in their order, and its end after them. */
export class Pipe {
  readonly #world: WriterWorld;
  readonly #ends: PipeEnds;
  /** The time at which everything before has arrived. */
  #arrivedMs = 0;
  #isEnded = false;

  constructor(world: WriterWorld, ends: PipeEnds) {
    this.#world = world;
    this.#ends = ends;
    ends.from.exits.push(() => this.end());
  }

  /** Returns whether the line is under way. */
  write(line: string): boolean {
    try {
      return this.#write(line);
    } catch (error) {
      // Its process has died here; the kit has no error to handle.
      if (error instanceof Stopped) return false;
      throw error;
    }
  }

  #write(line: string): boolean {
    const { from, to, onLine } = this.#ends;
    return this.#world.processes.now(from, "pipe.write", line.trim(), (fault) => {
      if (fault === "error" || this.#isEnded) return false;
      this.#arrive(to, () => onLine(line.trim()));
      return true;
    });
  }

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#arrive(this.#ends.to, this.#ends.onEnd);
  }

  #arrive(to: Process, run: () => void): void {
    const { scheduler, random } = this.#world;
    this.#arrivedMs = Math.max(this.#arrivedMs, scheduler.now() + 1 + random.below(8));
    this.#world.whenAble(to, this.#arrivedMs - scheduler.now(), run);
  }
}
