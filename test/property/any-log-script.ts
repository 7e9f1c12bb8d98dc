import fc from "fast-check";
import { expect } from "vitest";

import { createLog } from "../../src/base/durable-log/create-log.ts";
import type { DurableLog } from "../../src/base/durable-log/durable-log.ts";
import { openLog } from "../../src/base/durable-log/open-log.ts";
import { readLog } from "../../src/base/durable-log/read-log.ts";
import { Killed, SimulatedDisk, type Fault } from "../helpers/simulated-disk.ts";
import { Random } from "../fuzz/random.ts";
import type { Property } from "./property.ts";

const FILE = "log";

type Step =
  | {
      readonly kind: "append" | "reserve" | "appendReserved";
      readonly sizeBytes: number;
      /** Which of the processes that append in turn. @defaultValue 0 */
      readonly writer?: number;
    }
  | { readonly kind: "follow" | "reopen" | "powerCut" | "create" };

/** What processes, their follower and the disk do. */
export interface LogScript {
  readonly seed: number;
  readonly spaceBytes: number;
  /** What happens to the n-th operation of the disk. */
  readonly faults: ReadonlyMap<number, Fault>;
  readonly steps: readonly Step[];
}

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: sized("append", 3000) },
  { weight: 2, arbitrary: sized("reserve", 60_000) },
  { weight: 2, arbitrary: sized("appendReserved", 3000) },
  fc.record({ kind: fc.constantFrom("follow", "reopen", "powerCut", "create") }),
);

function sized(kind: "append" | "reserve" | "appendReserved", max: number): fc.Arbitrary<Step> {
  return fc.record({ kind: fc.constant(kind), sizeBytes: fc.nat({ max }), writer: fc.nat(1) });
}

const fault = fc.tuple(fc.nat({ max: 400 }), fc.constantFrom<Fault>("short", "error", "kill"));

const script: fc.Arbitrary<LogScript> = fc.record({
  seed: fc.nat(),
  spaceBytes: fc.oneof(fc.constant(1_000_000), fc.nat({ max: 150_000 })),
  faults: fc.array(fault, { maxLength: 12 }).map((faults) => new Map(faults)),
  steps: fc.array(step, { minLength: 1, maxLength: 30 }),
});

/** Runs a script on one disk, and knows what may be in the log. */
class Run {
  readonly #disk: SimulatedDisk;
  /** More than one where an append failed: its record may be there, and a power cut may take it. */
  #possible: readonly (readonly unknown[])[] = [];
  /** What each process has open; one that was killed has nothing. */
  #logs: (DurableLog | undefined)[] = [];
  #follower: { log: DurableLog; records: readonly unknown[] } | undefined;
  #count = 0;

  constructor({ seed, spaceBytes, faults }: LogScript) {
    const random = new Random(seed);
    this.#disk = new SimulatedDisk({
      random: () => random.below(1_000_000) / 1_000_000,
      spaceBytes,
      fault: ({ number }) => faults.get(number),
    });
  }

  get effects(): number {
    return this.#disk.effects;
  }

  do(next: Step): void {
    if (next.kind === "create" || this.#possible.length === 0) this.#create();
    else if (next.kind === "powerCut") this.#cutPower();
    else if (next.kind === "follow") this.#follow();
    else this.#use(next);
    if (this.#possible.length > 0) expect(this.#possible).toContainEqual(this.#read());
  }

  #use(next: Step): void {
    const writer = "writer" in next ? (next.writer ?? 0) : 0;
    const log = this.#logOf(writer);
    if (log === undefined) return;
    if (next.kind === "append") {
      this.#append((record) => log.append(record), next.sizeBytes, writer);
    } else if (next.kind === "reserve") {
      this.#attempt(() => log.reserve(next.sizeBytes), writer);
    } else if (next.kind === "appendReserved") {
      this.#appendReserved(log, next.sizeBytes, writer);
    } else this.#logs[writer] = undefined;
  }

  /** Reserves less than the record may need: without room, it is an append. */
  #appendReserved(log: DurableLog, sizeBytes: number, writer: number): void {
    this.#attempt(() => log.reserve(Math.floor(sizeBytes / 2)), writer);
    if (this.#logs[writer] !== log) return;
    this.#append((record) => log.appendReserved(record), sizeBytes, writer);
  }

  /** The log as a process has it once it has the lock: with what others have appended. */
  #logOf(writer: number): DurableLog | undefined {
    const open = this.#logs[writer];
    if (open !== undefined && this.#attempt(() => open.readNew(), writer) === undefined) {
      this.#logs[writer] = undefined;
    }
    this.#logs[writer] ??= this.#attempt(() => openLog(FILE, this.#disk)?.log, writer);
    return this.#logs[writer];
  }

  /** Does something that may fail with the one code; a process that died is started again. */
  #attempt<T>(work: () => T, writer = 0): T | undefined {
    let result: T | undefined;
    try {
      result = work();
    } catch (error) {
      if (error instanceof Killed) expect(this.#disk.isDead).toBe(true);
      else expect(error).toMatchObject({ code: "ERR_WSB_JOURNAL" });
    }
    if (!this.#disk.isDead) return result;
    this.#disk.restart();
    this.#logs[writer] = undefined;
    return undefined;
  }

  #create(): void {
    this.#count += 1;
    const records = [{ created: this.#count }];
    const options = { roomBytes: 500, disk: this.#disk };
    this.#logs = [this.#attempt(() => createLog(FILE, records, options))];
    this.#follower = undefined;
    if (this.#logs[0] !== undefined) this.#possible = [records];
    else if (this.#possible.length > 0) this.#possible = [...this.#possible, records];
    else if (this.#read() !== undefined) this.#possible = [records];
  }

  #append(append: DurableLog["append"], sizeBytes: number, writer: number): void {
    this.#count += 1;
    const record = { number: this.#count, text: "x".repeat(sizeBytes) };
    const isDone = this.#attempt(() => {
      append(record);
      return true;
    }, writer);
    const longer = this.#possible.map((records) => [...records, record]);
    this.#possible = isDone ? longer : [...this.#possible, ...longer];
    const records = this.#read();
    expect(this.#possible).toContainEqual(records);
    if (isDone && records !== undefined) this.#possible = [records];
  }

  #cutPower(): void {
    this.#disk.powerCut();
    this.#logs = [];
    this.#follower = undefined;
  }

  #follow(): void {
    this.#follower ??= this.#attempt(() => {
      const opened = openLog(FILE, this.#disk);
      return opened && { log: opened.log, records: opened.contents.records };
    });
    const follower = this.#follower;
    if (follower === undefined) return;
    const records = this.#attempt(() => follower.log.readNew());
    if (records === undefined) {
      this.#follower = undefined;
      return;
    }
    follower.records = [...follower.records, ...records];
    expect(follower.records).toEqual(this.#read());
  }

  /** Reads the records; the log is never damaged, since nothing else changes it. */
  #read(): readonly unknown[] | undefined {
    for (;;) {
      const result = this.#attempt(() => ({ contents: readLog(FILE, this.#disk) }));
      if (result === undefined) continue;
      const { contents } = result;
      if (contents !== undefined) {
        expect(contents).toMatchObject({ end: expect.stringMatching(/^(?:whole|torn)$/u) });
      }
      return contents?.records;
    }
  }
}

/** Runs a script and checks the log after each step; returns how many operations the disk did. */
export function runLogScript(any: LogScript): number {
  const run = new Run(any);
  for (const next of any.steps) run.do(next);
  return run.effects;
}

/** Whatever a disk and a process do, a log has what was acknowledged. */
export const anyLogScript: Property = {
  name: "a log keeps each acknowledged record through any crash, full disk and failed write",
  check(runs) {
    checkLogScripts({ numRuns: runs });
  },
};

/** Runs scripts; with a seed, always the same. */
export function checkLogScripts(options: {
  readonly numRuns: number;
  readonly seed?: number;
}): void {
  fc.assert(
    fc.property(script, (any) => {
      runLogScript(any);
    }),
    options,
  );
}
