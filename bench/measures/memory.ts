import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

import type { Bed } from "../bed.ts";
import { processesWith } from "../../src/tools/lab/processes.ts";
import { runInLab } from "../../src/tools/lab/run.ts";
import { compare, type Result } from "../result.ts";
import type { Measure } from "./measure.ts";

const MIB = 2 ** 20;
const CALLS = 10_000;
// Long enough for the remaining work after a start or a call.
const SETTLE_MS = 1500;
// Between two runs of the client.
const LINGER_MS = 30_000;

/** Returns the resident bytes of the lab's process whose command line contains a text. */
function residentBytes({ lab }: Bed, part: string): number {
  const found = processesWith("WINEPREFIX", lab.prefix).find(
    ({ commandLine }) => commandLine.includes(part) && !commandLine.startsWith("/"),
  );
  if (found === undefined) throw new Error(`no process of the lab has ${part} in its command line`);
  const kilobytes = /^VmRSS:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${found.pid}/status`, "utf8"));
  return Number(kilobytes?.[1]) * 1024;
}

/** Measures the memory of an idle node.exe. */
async function bareNode(bed: Bed): Promise<number> {
  const end = new AbortController();
  const mark = "bare-node";
  const running = runInLab(
    bed.lab,
    bed.lab.nodeExe,
    ["-e", `setInterval(() => {}, 1e6) // ${mark}`],
    {
      signal: end.signal,
    },
  ).catch(() => {});
  await delay(2 * SETTLE_MS);
  const bytes = residentBytes(bed, mark);
  end.abort();
  await running;
  return bytes;
}

/** Measures the server's memory: at start, after calls, after as many again, after a large call. */
async function ours(bed: Bed, index: number): Promise<readonly number[]> {
  const addin = await bed.buildAddin(`memory-${index}`, { lingerMs: LINGER_MS });
  await bed.command(addin, ["register", "--allow-writable-folder", "--no-activate"]);
  const sizes: number[] = [];
  for (const [rounds, size] of [
    [1, 0],
    [CALLS, 0],
    [CALLS, 0],
    [1, 16 * MIB],
  ] as const) {
    await bed.measure("only", { rounds, size, ours: addin.clsid });
    await delay(SETTLE_MS);
    sizes.push(residentBytes(bed, addin.folder.replaceAll("/", "\\")));
  }
  return sizes;
}

/** Compares the resident memory of the server with an idle node.exe. */
export const memory: Measure = {
  name: "memory",
  peer: "an idle node.exe",
  async run({ bed, isQuick }) {
    const rounds = isQuick ? 1 : 3;
    const bare: number[][] = [];
    const sizes: (readonly number[])[] = [];
    for (let index = 0; index < rounds; index += 1) {
      bare.push([await bareNode(bed)]);
      sizes.push(await ours(bed, index));
    }
    const at = (index: number): number[][] => sizes.map((one) => [one[index] ?? Number.NaN]);
    const beside = (name: string, index: number, goal?: number): Result =>
      compare(
        { name, unit: "MiB", factor: 1 / MIB, ...(goal === undefined ? {} : { goal }) },
        { ours: at(index), peer: bare },
      );
    return [
      beside("Memory, idle", 0, 1.15),
      beside("Memory after 10,000 calls", 1, 1.15),
      beside("Memory after a call of 16 MB", 3),
      compare(
        {
          name: "Memory after 20,000 calls, compared with 10,000",
          unit: "MiB",
          factor: 1 / MIB,
          goal: 1.05,
        },
        { ours: at(2), peer: at(1) },
      ),
    ];
  },
};
