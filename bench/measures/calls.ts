import { compare, type Result } from "../result.ts";
import type { Context, Measure } from "./measure.ts";

const KIB = 1024;
const MIB = KIB * KIB;
const TO_MS = 1e-3;
const RUNS = 3;

interface CallKind {
  /** The name in native/bench/client-main.cpp. */
  readonly measure: string;
  readonly name: string;
  readonly size: number;
  /** The rounds of each of {@link RUNS} clients. */
  readonly rounds: number;
  /** The rounds of one client with --quick. */
  readonly quickRounds: number;
  readonly goal?: number;
  /** `true` for milliseconds instead of microseconds. */
  readonly isLong?: boolean;
}

const kinds: readonly CallKind[] = [
  {
    measure: "call",
    name: "PreRestore that does nothing",
    size: 5,
    rounds: 100,
    quickRounds: 60,
    goal: 1.15,
  },
  { measure: "question", name: "IsRollForwardSupported", size: 5, rounds: 100, quickRounds: 60 },
  { measure: "status", name: "QueryStatus", size: 5, rounds: 150, quickRounds: 120, goal: 1.05 },
  {
    measure: "metadata",
    name: "PreRestore, 64 kB of metadata",
    size: 64 * KIB,
    rounds: 60,
    quickRounds: 80,
  },
  {
    measure: "metadata",
    name: "PreRestore, 2 MB of metadata",
    size: 2 * MIB,
    rounds: 24,
    quickRounds: 20,
    goal: 1.5,
    isLong: true,
  },
  {
    measure: "metadata",
    name: "PreRestore, 16 MB of metadata",
    size: 16 * MIB,
    rounds: 5,
    quickRounds: 7,
    goal: 1.5,
    isLong: true,
  },
  { measure: "order", name: "OrderComponents of 10", size: 10, rounds: 60, quickRounds: 80 },
  {
    measure: "order",
    name: "OrderComponents of 1,000",
    size: 1000,
    rounds: 30,
    quickRounds: 30,
    isLong: true,
  },
  {
    measure: "order",
    name: "OrderComponents of 10,000",
    size: 10_000,
    rounds: 14,
    quickRounds: 10,
    goal: 1.5,
    isLong: true,
  },
];

async function measureKind({ bed, isQuick }: Context, kind: CallKind): Promise<Result> {
  const { measure, name, size, rounds, quickRounds, goal, isLong } = kind;
  const pair = await bed.measure(measure, {
    runs: isQuick ? 1 : RUNS,
    rounds: isQuick ? quickRounds : rounds,
    size,
  });
  const subject = { name, ...(goal === undefined ? {} : { goal }) };
  return isLong === true
    ? compare({ ...subject, unit: "ms", factor: TO_MS }, pair)
    : compare({ ...subject, unit: "µs" }, pair);
}

/** Measures single calls, one after the other. */
export const calls: Measure = {
  name: "calls",
  peer: "a C++ server",
  isOnOneCore: true,
  async run(context) {
    const results: Result[] = [];
    for (const kind of kinds) results.push(await measureKind(context, kind));
    return results;
  },
};
