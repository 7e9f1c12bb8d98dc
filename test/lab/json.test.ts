import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createProgram } from "../../src/tools/cli/program.ts";
import { toWindowsPath } from "../../src/tools/lab/paths.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { runCli } from "../helpers/cli.ts";
import { commandNames } from "../helpers/command-names.ts";
import { checkOutput } from "../helpers/output-schema.ts";
import { buildAddin, makeTestLab, type TestAddin, type TestLab } from "../helpers/lab/test-lab.ts";
import { placeStandIn, writeSnapInKeys } from "../helpers/lab/wsb-online.ts";

const SNAP_IN = "{0D6E7C64-2C0B-4A86-8E0B-3A3C1D2E4F01}";

let testLab: TestLab;
let agent: Agent;
let addin: TestAddin;

/** A command, its arguments, and what of its document shows what it did. */
type Case = readonly [
  command: string,
  args: () => readonly string[],
  shows: Readonly<Record<string, unknown>>,
];

const provider = {
  snapinId: SNAP_IN,
  // Any DLL with string resources works; "Error" is the second of this DLL.
  resourceDll: "C:\\windows\\system32\\user32.dll",
  nameId: 2,
  iconId: 1,
};
const status = {
  snapinId: SNAP_IN,
  entries: [{ nameId: 1, valueId: 2, values: [{ type: "string", value: "fine" }] }],
};

/** Writes a description and returns its Windows path. */
function describeIn(name: string, description: object): string {
  writeFileSync(join(testLab.folder, name), JSON.stringify(description));
  return toWindowsPath(testLab.lab, join(testLab.folder, name));
}

const manifest = (): readonly string[] => ["--manifest", addin.manifestFile];
const writer = (): readonly string[] => ["--writer-id", addin.writerId];
const instance = (more: object = {}): readonly string[] => [
  "--input",
  JSON.stringify({ writerId: addin.writerId, ...more }),
];

const onSnapIn = (): readonly string[] => ["--snapin-id", SNAP_IN];

// In an order in which each can do its work.
const cases: readonly Case[] = [
  ["simulate restore", manifest, { ok: false, timeline: [{ step: "activate", failed: true }] }],
  ["register", () => [...manifest(), "--dry-run"], { ok: true, changed: false }],
  ["register", manifest, { ok: true, changed: true, warnings: [] }],
  ["register", manifest, { ok: true, changed: false }],
  ["status", writer, { ok: true, state: "registered" }],
  ["status", () => ["--writer-id", SNAP_IN], { ok: false, state: "absent" }],
  ["writer off", writer, { ok: true, changed: true, before: "on" }],
  ["status", writer, { ok: true, state: "registered", writerOff: "administrator" }],
  ["writer on", writer, { ok: true, changed: true, before: "administrator" }],
  ["simulate restore", () => [...manifest(), "--component", "one"], { ok: true, leftStopped: [] }],
  [
    "simulate backup",
    () => [...manifest(), "--component", "fine", "--poll", "10"],
    { ok: true, timeline: [{}, { step: "CheckConsistency" }, { step: "QueryStatus" }] },
  ],
  ["log", manifest, { ok: true, damaged: 0, page: null, sessions: [{ verdict: "calls" }] }],
  ["recover", () => [...manifest(), "--dry-run"], { ok: true, state: "no session" }],
  ["recover", manifest, { ok: true, changed: false }],
  ["boot-recovery on", manifest, { ok: true, changed: false }],
  ["boot-recovery off", manifest, { ok: true, changed: false }],
  ["dsc get", () => instance(), { ok: true, states: [{ _exist: true }] }],
  [
    "dsc test",
    () => instance({ manifest: addin.manifestFile }),
    { ok: true, states: [{ _inDesiredState: true }] },
  ],
  ["dsc export", () => [], { ok: true, states: [{ _exist: true }] }],
  ["unregister", () => [...writer(), "--dry-run"], { ok: true, changed: false, kept: [] }],
  ["dsc set", () => instance({ _exist: false }), { ok: true, states: [{ _exist: false }] }],
  ["unregister", writer, { ok: true, changed: false, kept: [] }],
];

const cloudCases: readonly Case[] = [
  ["cloud verify", onSnapIn, { ok: false, state: "absent" }],
  [
    "cloud register",
    () => ["--provider", describeIn("provider.json", provider), "--dry-run"],
    { ok: true, changed: false },
  ],
  [
    "cloud register",
    () => ["--provider", describeIn("provider.json", provider)],
    { ok: true, changed: true, renewed: false },
  ],
  [
    "cloud update-status",
    () => ["--status", describeIn("status.json", status)],
    { ok: true, changed: true },
  ],
  ["cloud verify", onSnapIn, { ok: true, state: "registered", parent: {} }],
  ["cloud deregister", () => [...onSnapIn(), "--dry-run"], { ok: true, changed: false }],
  ["cloud deregister", onSnapIn, { ok: true, changed: true }],
];

const badManifest = (): readonly string[] => ["--manifest", describeIn("bad.json", {})];
const failures: readonly (readonly [command: string, args: Case[1], code: string])[] = [
  ["register", badManifest, "ERR_WSB_INVALID_MANIFEST"],
  ["unregister", badManifest, "ERR_WSB_INVALID_MANIFEST"],
  ["status", () => ["--writer-id", "none"], "ERR_WSB_INVALID_ARGUMENT"],
  ["simulate restore", badManifest, "ERR_WSB_INVALID_MANIFEST"],
  ["simulate backup", badManifest, "ERR_WSB_INVALID_MANIFEST"],
  ["dsc get", () => ["--input", "{"], "ERR_WSB_INVALID_ARGUMENT"],
  ["dsc test", () => ["--input", "{}"], "ERR_WSB_INVALID_ARGUMENT"],
  ["dsc set", () => instance(), "ERR_WSB_INVALID_ARGUMENT"],
  ["cloud register", () => ["--provider", "none.json"], "ERR_WSB_FILE"],
  ["cloud deregister", () => [], "ERR_WSB_INVALID_ARGUMENT"],
  ["cloud update-status", () => ["--status", "none.json"], "ERR_WSB_FILE"],
  ["cloud verify", () => ["--snapin-id", "none"], "ERR_WSB_INVALID_ARGUMENT"],
];

const probe = fileURLToPath(new URL("../fixtures/addins/probe.ts", import.meta.url));

// These need no Windows, or are about it: the built command runs them.
const localCases: readonly Case[] = [
  ["build", () => ["--entry", probe], { ok: true }],
  ["export", () => ["--format", "reg"], { ok: true, format: "reg" }],
  [
    "export",
    () => ["--format", "reg", "--out", "exported"],
    { ok: true, files: [expect.anything(), expect.anything()] },
  ],
  ["shim eject", () => ["--out", "shim-source"], { ok: true, files: expect.anything() }],
  ["dsc schema", () => [], { ok: true, states: [{ type: "object" }] }],
  ["lab info", () => [], { ok: true }],
  [
    "lab run",
    () => ["--", "node", "-e", "console.log(1); console.error(2); process.exit(7)"],
    { ok: false, exitCode: 7, stdout: "1\n", stderr: "2\n" },
  ],
];
// Held against the schema where they are tested, by the helper that runs them: they take long, or a
// project of their own.
const elsewhere = [
  "dev",
  "doctor",
  "generate check",
  "generate ci",
  "generate cloud",
  "generate dotnet",
  "generate handler",
  "generate writer",
  "lab restart",
  "lab service add",
  "lab service list",
  "lab service remove",
  "pack",
  "shim build",
  "upgrade",
  "writer show",
];
// On Windows, they would change the machine.
const labCases: readonly Case[] = [
  ["lab up", () => [], { ok: true }],
  ["lab down", () => [], { ok: true, changed: true }],
];

async function runInAgent([command, args, shows]: Case): Promise<void> {
  const { code, stdout } = await agent.runCommand([...command.split(" "), ...args(), "--json"]);
  const document = checkOutput(stdout);
  expect(document).toMatchObject(shows);
  expect(code === 0).toBe(document["ok"]);
}

/** The helper checks every document against the schema. */
async function runBuilt([command, args, shows]: Case): Promise<void> {
  const line = [...command.split(" "), "--json", ...args()];
  const { code, stdout } = await runCli(testLab.labFolder, addin.folder, line);
  expect(JSON.parse(stdout)).toMatchObject({ command, ...shows });
  expect(code === 0).toBe(shows["ok"]);
}

beforeAll(async () => {
  testLab = makeTestLab();
  [agent, addin] = await Promise.all([startAgent(testLab.lab), buildAddin(testLab, "probe.ts")]);
});

afterAll(async () => {
  await agent.end();
  await testLab.remove();
});

describe("the output of a command with --json follows its published schema", () => {
  it("for every command", () => {
    const cased = [...cases, ...cloudCases, ...localCases, ...labCases].map(([name]) => name);
    expect([...new Set([...cased, ...elsewhere])].toSorted()).toEqual(
      commandNames(createProgram()).toSorted(),
    );
  });

  it.each(cases)("%s", async (...one) => runInAgent(one));

  it.each(failures)("%s, when it fails", async (command, args, code) => {
    await runInAgent([command, args, { ok: false, error: { code } }]);
  });

  describe.skipIf(process.platform === "win32")("on a Windows with cloud backup", () => {
    beforeAll(async () => {
      placeStandIn(testLab.lab);
      await writeSnapInKeys(agent);
    });

    it.each(cloudCases)("%s", async (...one) => runInAgent(one));
  });

  it.each(localCases)("%s", async (...one) => runBuilt(one));

  it.skipIf(process.platform === "win32").each(labCases)("%s", async (...one) => runBuilt(one));
});
