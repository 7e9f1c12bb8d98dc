import { readFileSync, readdirSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { HRESULT } from "../../src/base/hresult.ts";
import { RestoreBed, type RestoreClient } from "../helpers/lab/restore-bed.ts";
import { makeTestLab, type TestLab } from "../helpers/lab/test-lab.ts";
import { until } from "../helpers/until.ts";

const ACTIVATIONS = Number(process.env["WSB_ADDIN_SOAK"] ?? 1000);
const SEED = Number(process.env["WSB_ADDIN_SEED"] ?? Date.now() % 1_000_000);
const GUARDIAN_LIMIT_MS = 10_000;
// After so many answers, all caches of the server are full.
const WARM_ACTIVATIONS = 20;
const MAX_GROWTH_KB = 100;

/** The faults of a restore, and their number in twenty restores. */
const FAULTS = [
  ["nothing", 9],
  ["handler throws", 3],
  ["handler hangs", 1],
  ["handler calls process.exit", 2],
  ["server dies in a handler", 1],
  ["client is killed while services are stopped", 2],
  ["client is killed after its restore", 2],
] as const;
type Fault = (typeof FAULTS)[number][0];

/** Returns a generator of numbers from 0 to 1, the same for the same seed (Knuth's MMIX). */
function createRandom(seed: number): () => number {
  let state = BigInt(seed) + 1n;
  return () => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffff_ffff_ffff_ffffn;
    return Number(state >> 40n) / 2 ** 24;
  };
}

function pickFault(random: () => number): Fault {
  let left = random() * FAULTS.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [fault, weight] of FAULTS) {
    left -= weight;
    if (left < 0) return fault;
  }
  return "nothing";
}

const componentOf: Partial<Readonly<Record<Fault, string>>> = {
  "handler throws": "throw:soak",
  "handler hangs": "hang",
  "handler calls process.exit": "exit:0",
  "server dies in a handler": "die",
};

/** Returns the resident memory and open files of a Linux process. */
function figuresOf(pid: number): { readonly memoryKb: number; readonly files: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const memoryKb = Number(/^VmRSS:\s+(\d+)/mu.exec(status)?.[1] ?? 0);
  return { memoryKb, files: readdirSync(`/proc/${pid}/fd`).length };
}

interface ServerLife {
  activations: number;
  warm: ReturnType<typeof figuresOf> | undefined;
  last: ReturnType<typeof figuresOf>;
}

let testLab: TestLab;
let bed: RestoreBed;

beforeAll(async () => {
  testLab = makeTestLab();
  bed = await RestoreBed.make(testLab, "probe.ts", {
    // The first is the duration of a hang. Starting services on a busy machine is slow.
    timeoutsMs: { preRestore: 3000, postRestore: 30_000 },
    lingerMs: 2000,
  });
});

afterAll(async () => {
  await bed.remove();
  await testLab.remove();
});

describe(`${ACTIVATIONS} activations with random faults (seed ${SEED})`, () => {
  it("leave every service unchanged, no process, and no growing resource", async () => {
    const random = createRandom(SEED);
    const counts = new Map<Fault, number>();
    const lives = new Map<number, ServerLife>();
    let client: RestoreClient | undefined;

    const note = (): void => {
      const [pid] = bed.servers.toReversed();
      if (pid === undefined) return;
      const life = lives.get(pid) ?? { activations: 0, warm: undefined, last: figuresOf(pid) };
      life.activations += 1;
      life.last = figuresOf(pid);
      if (life.activations === WARM_ACTIVATIONS) life.warm = life.last;
      lives.set(pid, life);
    };
    const lose = async ({ agent }: RestoreClient): Promise<void> => {
      await agent.crash();
      client = undefined;
    };

    for (let nth = 0; nth < ACTIVATIONS; nth += 1) {
      const fault = pickFault(random);
      counts.set(fault, (counts.get(fault) ?? 0) + 1);
      if (client === undefined) client = await bed.startClient();
      else client.addin = await bed.activate(client.agent);
      const component = componentOf[fault] ?? "fine";
      const pre = await bed.call(client, { method: "preRestore", component });
      const said = `activation ${nth}: ${fault}: ${pre.description}`;
      expect(pre.hresult === HRESULT.S_OK, said).toBe(component === "fine");
      if (fault === "client is killed while services are stopped") {
        await lose(client);
        await bed.untilAbandoned(GUARDIAN_LIMIT_MS);
        await bed.decideToStart();
      } else if (fault === "server dies in a handler") {
        await bed.forgetServers();
      } else {
        if (component === "fine") {
          const post = await bed.call(client, { method: "postRestore", component });
          const text = `activation ${nth}: ${fault}: ${post.description}`;
          expect(post.hresult, text).toBe(HRESULT.S_OK);
        }
        note();
        await client.addin.release();
        if (fault === "client is killed after its restore") await lose(client);
      }
      await bed.untilRestored(GUARDIAN_LIMIT_MS).catch((error: unknown) => {
        throw new Error(`activation ${nth}: ${fault}`, { cause: error });
      });
    }

    await client?.agent.end();
    // Wine does not release the references of a dead client, so the test ends such a server.
    const held = bed.servers.length;
    await bed.killServerAndGuardian();
    await until("the end of every process", () => (bed.processCount === 0 ? true : undefined));
    // Only the event files remain. A lock's file disappears with its process, but Wine's server
    // notices the end later than /proc.
    const others = (): readonly string[] =>
      bed.dataFiles.filter((name) => !name.startsWith("addin"));
    await until("the end of every lock", () =>
      others().some((name) => name.endsWith(".lock")) ? undefined : true,
    );
    expect(others()).toEqual([]);

    const grown = [...lives.values()].flatMap(({ activations, warm, last }) =>
      warm === undefined || activations < 2 * WARM_ACTIVATIONS
        ? []
        : [
            {
              activations,
              kbPerActivation: (last.memoryKb - warm.memoryKb) / (activations - WARM_ACTIVATIONS),
              files: last.files - warm.files,
            },
          ],
    );
    console.log([...counts].map(([fault, count]) => `  ${count} × ${fault}`).join("\n"));
    console.log(
      `  ${lives.size} servers; ${held} held by dead clients at the end; of those that lived long:`,
    );
    for (const { activations, kbPerActivation, files } of grown) {
      console.log(
        `  ${activations} activations: ${kbPerActivation.toFixed(1)} kB each, ${files} files more`,
      );
      expect(kbPerActivation).toBeLessThan(MAX_GROWTH_KB);
      expect(files).toBeLessThan(10);
    }
  });
});
