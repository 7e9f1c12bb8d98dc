import { compare, type Result } from "../result.ts";
import type { Measure } from "./measure.ts";

const KIB = 1024;
const MIB = KIB * KIB;
const TO_MS = 1e-3;

interface CallKind {
  /** Name in native/bench/client-main.cpp. */
  readonly measure: string;
  readonly name: string;
  readonly size: number;
  readonly rounds: number;
  readonly quickRounds: number;
  readonly goal?: number;
  /** Milliseconds instead of microseconds. */
  readonly isLong?: boolean;
}

const kinds: readonly CallKind[] = [
  {
    measure: "call",
    name: "PreRestore that does nothing",
    size: 25,
    rounds: 40,
    quickRounds: 16,
    goal: 1.15,
  },
  { measure: "question", name: "IsRollForwardSupported", size: 25, rounds: 40, quickRounds: 16 },
  { measure: "status", name: "QueryStatus", size: 50, rounds: 40, quickRounds: 16, goal: 1.05 },
  {
    measure: "metadata",
    name: "PreRestore, 64 kB of metadata",
    size: 64 * KIB,
    rounds: 200,
    quickRounds: 80,
  },
  {
    measure: "metadata",
    name: "PreRestore, 2 MB of metadata",
    size: 2 * MIB,
    rounds: 60,
    quickRounds: 20,
    goal: 1.5,
    isLong: true,
  },
  {
    measure: "metadata",
    name: "PreRestore, 16 MB of metadata",
    size: 16 * MIB,
    rounds: 20,
    quickRounds: 7,
    goal: 1.5,
    isLong: true,
  },
  { measure: "order", name: "OrderComponents of 10", size: 10, rounds: 200, quickRounds: 80 },
  {
    measure: "order",
    name: "OrderComponents of 1,000",
    size: 1000,
    rounds: 80,
    quickRounds: 30,
    isLong: true,
  },
  {
    measure: "order",
    name: "OrderComponents of 10,000",
    size: 10_000,
    rounds: 30,
    quickRounds: 10,
    goal: 1.5,
    isLong: true,
  },
];

/** Single calls, one after the other. */
export const calls: Measure = {
  name: "calls",
  peer: "a C++ server",
  async run({ bed, isQuick }) {
    const results: Result[] = [];
    for (const { measure, name, size, rounds, quickRounds, goal, isLong } of kinds) {
      const pair = await bed.measure(measure, { rounds: isQuick ? quickRounds : rounds, size });
      const subject = { name, ...(goal === undefined ? {} : { goal }) };
      results.push(
        isLong === true
          ? compare({ ...subject, unit: "ms", factor: TO_MS }, pair)
          : compare({ ...subject, unit: "µs" }, pair),
      );
    }
    return results;
  },
};
