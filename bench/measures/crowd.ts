import { compare, type Pair, type Result } from "../result.ts";
import type { Measure } from "./measure.ts";

const CLIENTS = [1, 8, 64] as const;
const TO_MS = 1e-3;

/** The positions in a round's list; see native/bench/measures.hpp. */
const COLUMN = { perSecond: 0, p99: 1, share: 2 } as const;

function column(pair: Pair, index: number): Pair {
  const pick = (rounds: Pair["ours"]): Pair["ours"] =>
    rounds.map((round) => [round[index] ?? Number.NaN]);
  return { ours: pick(pair.ours), peer: pick(pair.peer) };
}

function resultsOf(what: string, pair: Pair): readonly Result[] {
  return [
    compare({ name: `${what}: throughput`, unit: "calls/s" }, column(pair, COLUMN.perSecond)),
    compare(
      { name: `${what}: 99th percentile`, unit: "ms", factor: TO_MS },
      column(pair, COLUMN.p99),
    ),
  ];
}

/** Measures simultaneous clients, alone and together with a slow handler. */
export const crowd: Measure = {
  name: "crowd",
  peer: "a C++ server",
  isOnOneCore: true,
  async run({ bed, isQuick }) {
    const rounds = isQuick ? 5 : 20;
    const runs = isQuick ? 1 : 3;
    const results: Result[] = [];
    for (const size of CLIENTS) {
      const pair = await bed.measure("crowd", { runs, rounds, size });
      results.push(...resultsOf(size === 1 ? "1 client" : `${size} clients`, pair));
    }
    const beside = await bed.measure("crowd", { runs, rounds, size: 8, texts: ["slow"] });
    results.push(
      ...resultsOf("8 clients and a slow handler", beside),
      compare(
        {
          name: "8 clients and a slow handler: smallest share of a client, of a fair share",
          unit: "",
        },
        column(beside, COLUMN.share),
      ),
    );
    return results;
  },
};
