import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";

import { createGuid } from "../../src/base/guid.ts";
import { CURRENT_FILE } from "../../src/runtime/events/rotating-file.ts";
import { readLines } from "../../src/runtime/events/read-events.ts";
import { bundleAddin } from "../../src/tools/build/bundle-addin.ts";
import { toWindowsPath } from "../../src/tools/lab/paths.ts";
import { repository } from "../generator/generator.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { EVENTS } from "../helpers/lab/backup-events.ts";
import { listWriters, startRequester } from "../helpers/lab/requester.ts";
import { dataFolder, makeTestLab, type TestLab } from "../helpers/lab/test-lab.ts";

const SERVICE = "WsbBuiltWriter";
const writerId = createGuid();

let testLab: TestLab;
let agent: Agent;
/** The folder of the application's files. */
let ledger: string;

/** The writer of a project: its freeze flushes what the application holds in memory. */
function writerSource(folder: string): string {
  return `import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineWriter } from "wsb-addin";

const folder = ${JSON.stringify(folder)};

export default defineWriter({
  freeze() {
    writeFileSync(join(folder, "ledger.txt"), "flushed");
  },
  thaw({ reason }) {
    appendFileSync(join(folder, "thaws.txt"), reason + "\\n");
  },
});
`;
}

/** Builds a project with only a writer, and returns its script. */
async function buildWriter(): Promise<string> {
  const { lab, folder } = testLab;
  const project = mkdtempSync(join(folder, "writer with a space-"));
  const path = toWindowsPath(lab, ledger);
  const name = "Contoso Ledger";
  const components = [{ name: "Ledger", files: [{ path, filespec: "*", recursive: true }] }];
  const manifest = {
    name,
    writerId,
    applicationIdentifier: name,
    writer: { kind: "service", components },
  };
  const manifestFile = join(project, "wsb-addin.json");
  writeFileSync(manifestFile, JSON.stringify(manifest));
  mkdirSync(join(project, "src"));
  writeFileSync(join(project, "src", "writer.ts"), writerSource(path));
  mkdirSync(join(project, "node_modules"));
  symlinkSync(repository, join(project, "node_modules", "wsb-addin"), "junction");
  const outFolder = join(project, "dist");
  await bundleAddin({ manifestFile, entry: join(project, "src", "addin.ts"), outFolder });
  return toWindowsPath(lab, join(outFolder, "writer.js"));
}

function read(name: string): string | undefined {
  const file = join(ledger, name);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

beforeAll(async () => {
  testLab = makeTestLab();
  ledger = mkdtempSync(join(testLab.folder, "ledger-"));
  const [started, script] = await Promise.all([startAgent(testLab.lab), buildWriter()]);
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
