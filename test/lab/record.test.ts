import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";

import { toWindowsPath } from "../../src/tools/lab/paths.ts";
import { runInLab } from "../../src/tools/lab/run.ts";
import { rotatedFiles } from "../../src/runtime/events/rotating-file.ts";
import { bundleRecordWriter } from "../helpers/record-writers.ts";
import { makeTestLab, type TestLab } from "../helpers/lab/test-lab.ts";

let testLab: TestLab;

beforeAll(() => {
  testLab = makeTestLab();
});
afterAll(async () => {
  await testLab.remove();
});

it("the event file is written and rotated by three processes of Windows at the same time", async () => {
  const { lab, folder } = testLab;
  const record = join(folder, "record");
  mkdirSync(record);
  const script = toWindowsPath(lab, await bundleRecordWriter(folder));
  const names = ["one", "two", "three"];
  const codes = await Promise.all(
    names.map((name) =>
      runInLab(lab, lab.nodeExe, [
        script,
        toWindowsPath(lab, record),
        name,
        "200",
        "20000",
        "1000",
      ]),
    ),
  );
  expect(codes).toEqual([0, 0, 0]);
  const text = [...rotatedFiles(record), "addin.jsonl"]
    .map((name) => readFileSync(join(record, name), "utf8"))
    .join("");
  const whole = text
    .split("\n")
    .filter((line) => /^(?:one|two|three) \d+ (?:x{100}|x{5000})$/u.test(line));
  // Wine first finds the end of a file and then writes there; Windows does both atomically.
  const least = lab.kind === "wine" ? 0.95 : 1;
  expect(new Set(whole).size).toBeGreaterThanOrEqual(names.length * 200 * least);
  expect(whole.length).toBeLessThanOrEqual(names.length * 200);
  expect(rotatedFiles(record).length).toBeGreaterThan(10);
});
