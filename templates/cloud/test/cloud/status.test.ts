import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { statusOf } from "../../src/cloud/status.ts";

const snapinId = "{0D6E7C64-2C0B-4A86-8E0B-3A3C1D2E4F01}";
const run = { endedAt: new Date("2025-03-30T01:30:00Z"), succeeded: true, storedBytes: 1024 };

test("the status of a run has its end, its result and the size of the stored data", () => {
  const { entries } = statusOf(snapinId, run);
  expect(entries.flatMap(({ values = [] }) => values)).toEqual([
    { type: "dateTime", value: run.endedAt },
    { type: "size", value: 1024 },
  ]);
});

test("a failed run has another result than a successful one", () => {
  const [good, bad] = [true, false].map((succeeded) => statusOf(snapinId, { ...run, succeeded }));
  expect(good?.entries[1]?.valueId).not.toBe(bad?.entries[1]?.valueId);
});

test("the DLL has every text of the status", () => {
  const resources = readFileSync(new URL("../../resources/provider.rc", import.meta.url), "utf8");
  const ids = [...resources.matchAll(/^ {4}(\d+) /gmu)].map(([, id]) => Number(id));
  for (const succeeded of [true, false]) {
    for (const { nameId, valueId } of statusOf(snapinId, { ...run, succeeded }).entries) {
      expect(ids).toContain(nameId);
      expect(ids).toContain(valueId);
    }
  }
});
