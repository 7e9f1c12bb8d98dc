import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";

import { createGuid } from "../../src/base/guid.ts";
import { CURRENT_FILE } from "../../src/runtime/events/rotating-file.ts";
import { readLines } from "../../src/runtime/events/read-events.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { EVENTS } from "../helpers/lab/backup-events.ts";
import { listWriters, startRequester } from "../helpers/lab/requester.ts";
import { dataFolder, makeTestLab, type TestLab } from "../helpers/lab/test-lab.ts";
import { buildWriterProject } from "../helpers/lab/writer-project.ts";

const SERVICE = "WsbBuiltWriter";
const writerId = createGuid();

let testLab: TestLab;
let agent: Agent;
/** The folder of the application's files. */
let ledger: string;

function read(name: string): string | undefined {
  const file = join(ledger, name);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

beforeAll(async () => {
  testLab = makeTestLab();
  ledger = mkdtempSync(join(testLab.folder, "ledger-"));
  const [started, { script }] = await Promise.all([
    startAgent(testLab.lab),
    buildWriterProject(testLab, { writerId, ledger }),
  ]);
  agent = started;
  await agent.binding.installService({
    name: SERVICE,
    displayName: "Contoso Ledger",
    description: "A writer of the tests",
    commandLine: `"${testLab.lab.nodeExe}" "${script}" --service ${SERVICE}`,
    account: "LocalSystem",
    dependsOn: [],
    preshutdownMs: 30_000,
    recovery: { restartDelaysMs: [60_000], resetAfterSeconds: 86_400 },
  });
});

afterAll(async () => {
  await agent.end();
  await testLab.remove();
});

it("a built writer freezes and thaws the application in a backup, and leaves with its service", async () => {
  expect(await agent.changeService(SERVICE, { wanted: "RUNNING" })).toMatchObject({
    outcome: "reached",
    state: "RUNNING",
  });
  const before = read("thaws.txt") ?? "";
  expect(read("ledger.txt")).toBeUndefined();

  const requester = await startRequester(testLab.lab, writerId);
  for (const command of EVENTS) {
    expect(await requester.event(...command)).toMatchObject({ outcome: "done", hresult: 0 });
    const [event] = command;
    if (event === "freeze") {
      expect(read("ledger.txt")).toBe("flushed");
      expect(read("thaws.txt") ?? "").toBe(before);
    }
    if (event === "thaw") expect(read("thaws.txt")).toBe(`${before}thaw\n`);
  }
  await requester.end();

  expect(await agent.changeService(SERVICE, { wanted: "STOPPED" })).toMatchObject({
    outcome: "reached",
    state: "STOPPED",
    exitCode: 0,
  });
  expect(await listWriters(testLab.lab)).toEqual([]);
  // Nothing was frozen at the stop.
  expect(read("thaws.txt")).toBe(`${before}thaw\n`);
  const file = join(dataFolder(testLab, { clsid: writerId }), CURRENT_FILE);
  const { lines } = readLines(readFileSync(file));
  const answered = lines.flatMap((line) =>
    line.event === "writerAnswered" ? [[line.method, line.hresult]] : [],
  );
  expect(answered).toEqual(EVENTS.map(([event]) => [event, 0]));
  expect(lines.filter(({ event }) => event === "thawFailed" || event === "thawedEarly")).toEqual(
    [],
  );
  expect(await agent.binding.deleteService(SERVICE)).toBe(true);
  expect(await agent.binding.queryService(SERVICE)).toBeNull();
});
