import { compare, type Pair, type Result, type Rounds } from "../result.ts";
import type { Measure } from "./measure.ts";

const NAME = "WsbAddinBenchGrowth";
const TO_MS = 1e-3;
const COMPONENTS = 10_000;
const QUICK_COMPONENTS = 2000;
const GOAL = 1.2;

/** Compares two lists of calls of the same program, in chunks that stand for rounds. */
function chunks(times: readonly number[] = []): Rounds {
  const size = 10;
  return Array.from({ length: Math.floor(times.length / size) }, (_, index) =>
    times.slice(index * size, (index + 1) * size),
  );
}

function rows(method: string, count: string, pair: Pair, at: number): readonly Result[] {
  const [first, last] = [pair.ours[at], pair.ours[at + 1]];
  const unit = { unit: "ms", factor: TO_MS };
  return [
    compare(
      {
        ...unit,
        name: `${method}, the last 100 of ${count}, compared with the first 100`,
        goal: GOAL,
      },
      { ours: chunks(last), peer: chunks(first) },
    ),
    compare(
      { ...unit, name: `${method}, the last 100 of ${count}, compared with the C++ server` },
      { ours: chunks(last), peer: chunks(pair.peer[at + 1]) },
    ),
  ];
}

/** Compares the last calls of a restore of many components with its first calls. */
export const growth: Measure = {
  name: "growth",
  peer: "the first calls of the same restore, and a C++ server",
  async run({ bed, isQuick }) {
    const { lab } = bed;
    await bed.run(lab.service, ["install", NAME, "--display", "Bench service"]);
    await bed.run("net.exe", ["start", NAME]);
    const addin = await bed.buildAddin("growth", { services: [NAME] });
    await bed.command(addin, ["register", "--allow-writable-folder", "--no-boot-recovery"]);
    const size = isQuick ? QUICK_COMPONENTS : COMPONENTS;
    const pair = await bed.measure("growth", { rounds: 1, size, ours: addin.clsid });
    const count = size.toLocaleString("en-US");
    return [...rows("PreRestore", count, pair, 0), ...rows("PostRestore", count, pair, 2)];
  },
};
