import { expect } from "vitest";

import { HRESULT } from "../../../src/base/hresult.ts";
import type { Agent } from "./agent.ts";
import { probeCalls } from "./probe.ts";
import type { TestAddin } from "./test-lab.ts";

/** Makes `count` simultaneous calls from each process to an add-in that raw-server.ts serves. */
export async function expectEachAnswered(
  addin: TestAddin,
  processes: readonly Agent[],
  count: number,
): Promise<void> {
  const clients = await Promise.all(
    processes.map(async (one) => {
      const { hresult, value } = await one.binding.activate(addin.clsid);
      if (value === undefined) throw new Error(`cannot activate: ${hresult.toString(16)}`);
      return value;
    }),
  );
  const results = await Promise.all(
    clients.flatMap((client, row) =>
      Array.from({ length: count }, (_, column) =>
        client.preRestore({
          writerMetadata: null,
          componentName: `fine:${row}.${column}`,
          logicalPath: null,
          noRollForward: false,
        }),
      ),
    ),
  );
  const calls = processes.length * count;
  expect(results.filter(({ hresult }) => hresult === HRESULT.S_OK)).toHaveLength(calls);
  const names = probeCalls(addin).flatMap((call) => call["componentName"] ?? []);
  expect(new Set(names).size).toBe(calls);
}
