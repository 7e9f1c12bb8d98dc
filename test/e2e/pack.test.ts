import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { HRESULT } from "../../src/base/hresult.ts";
import { labFolder } from "../../src/tools/lab/folder.ts";
import { toWindowsPath } from "../../src/tools/lab/paths.ts";
import { runInLab } from "../../src/tools/lab/run.ts";
import { MANIFEST_FILE } from "../../src/runtime/manifest/manifest.ts";
import {
  packAddin,
  type Artifact,
  type PackFormat,
  type PayloadForm,
} from "../../src/tools/pack/pack.ts";
import { readMessages, severityBits } from "../helpers/message-table.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { installService } from "../helpers/lab/service.ts";
import { runCli, type CliResult } from "../helpers/cli.ts";
import { checkOutput } from "../helpers/output-schema.ts";
import {
  buildAddin,
  fixtureEntry,
  makeTestLab,
  type TestAddin,
  type TestLab,
} from "../helpers/lab/test-lab.ts";

const labPrograms = new URL("../../prebuilds/win32-x64/lab/", import.meta.url);
const NAME = "Contoso & Größe";
const FILE_NAME = "contoso-gro-e";
const LIMIT_MS = 60_000;
const SUPPORT =
  "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\WindowsServerBackup\\Application Support";
const hasWixl = spawnSync("wixl", ["--version"]).status === 0;

let testLab: TestLab;
let agent: Agent;
let addin: TestAddin;
let programFiles: string;
let before: readonly string[];

function dump(): Promise<readonly string[]> {
  return agent.dumpRegistry([
    SUPPORT,
    "SOFTWARE\\Classes\\AppID",
    `SOFTWARE\\Classes\\CLSID\\${addin.clsid}`,
  ]);
}

function pack(
  out: string,
  formats: readonly PackFormat[],
  options: { payload?: PayloadForm; version?: string; manifestFile?: string; entry?: string } = {},
): Promise<readonly Artifact[]> {
  return packAddin({
    manifestFile: options.manifestFile ?? join(addin.folder, MANIFEST_FILE),
    entry: options.entry ?? fixtureEntry("self.ts"),
    outFolder: join(addin.folder, out),
    formats,
    downloadFolder: labFolder(),
    payload: options.payload ?? "folder",
    product: { version: options.version ?? "1.0.0", publisher: "Contoso Ltd" },
  });
}

async function run(
  program: string,
  args: readonly string[],
  cwd: string = addin.folder,
): Promise<CliResult> {
  let stdout = "";
  let stderr = "";
  const code = await runInLab(testLab.lab, program, args, {
    cwd,
    onStdout: (text) => (stdout += text),
    onStderr: (text) => (stderr += text),
  });
  return { code, stdout, stderr };
}

/** Returns a command of the installed program by its Linux path. */
function command(
  folder: string,
  names: readonly string[],
  ...args: readonly string[]
): Promise<CliResult> {
  const [program = "", ...script] = names.map((name) =>
    toWindowsPath(testLab.lab, join(folder, name)),
  );
  return run(program, [...script, ...args]);
}

/** Runs what a person needs on a server where something is wrong, in a folder without a project. */
async function diagnose(folder: string, names: readonly string[]): Promise<void> {
  const [program = "", ...script] = names.map((name) =>
    toWindowsPath(testLab.lab, join(folder, name)),
  );
  const json = async (...args: readonly string[]): Promise<Record<string, unknown>> => {
    const result = await run(program, [...script, ...args, "--json"], programFiles);
    return { ...checkOutput(result.stdout), code: result.code, stderr: result.stderr };
  };
  const { checks, ...doctor } = await json("doctor");
  // Nothing has a problem; the runtime of the lab may be near its end.
  const bad = (Array.isArray(checks) ? checks : []).filter(
    ({ id, verdict }) => id !== "node" && verdict !== "ok" && verdict !== "not applicable",
  );
  expect(bad, JSON.stringify(doctor)).toEqual([]);
  const { applications, ...all } = await json("status", "--all");
  expect(applications, JSON.stringify(all)).toMatchObject([
    { writerId: addin.writerId, condition: "as written" },
  ]);
  expect(await json("log")).toMatchObject({ code: 0, name: NAME, unreadable: [] });
  expect(await json("recover")).toMatchObject({ code: 0, state: "no session" });
}

function selfOf(folder: string): unknown {
  return JSON.parse(readFileSync(join(folder, "self.json"), "utf8"));
}

/** Maps a stack of the add-in to its sources with the map in the package. */
function mappedStack(): readonly string[] {
  const lines = readFileSync(fixtureEntry("self.ts"), "utf8").split("\n");
  const line = lines.findIndex((text) => text.includes('new Error("here")'));
  const column = lines[line]?.indexOf("new Error");
  const place = `wsb-addin/test/fixtures/addins/self.ts:${line + 1}:${(column ?? 0) + 1}`;
  return [`at Object.preRestore (${place})`];
}

/**
 * Registers with the packed add-in's own command line, restores, unregisters; checks for traces.
 */
async function use(folder: string, names: readonly string[]): Promise<void> {
  const expectCode = async (code: number, ...args: readonly string[]): Promise<string> => {
    const result = await command(folder, names, ...args);
    expect(result.code, `${args.join(" ")}\n${result.stdout}${result.stderr}`).toBe(code);
    return result.stdout;
  };
  await expectCode(1, "status");
  await expectCode(0, "register");
  await expectCode(0, "status");
  expect(await expectCode(0, "simulate", "restore")).toContain("PreRestore              S_OK");
  await diagnose(folder, names);
  await expectCode(0, "unregister");
  expect(await dump()).toEqual(before);
}

beforeAll(async () => {
  testLab = makeTestLab();
  [agent, addin] = await Promise.all([
    startAgent(testLab.lab),
    buildAddin(testLab, "self.ts", { name: NAME, applicationIdentifier: NAME }),
  ]);
  if (testLab.lab.kind !== "wine") throw new Error("not written for Windows yet");
  programFiles = join(testLab.lab.prefix, "drive_c", "Program Files");
  // Another application, without which Windows Installer would remove the parent key as well.
  await agent.binding.createRegistryKey(`${SUPPORT}\\{66841CD4-6DED-4F4B-8F17-FD23F8DDC3DE}`);
  before = await dump();
});

afterAll(async () => {
  await agent.end();
  await testLab.remove();
});

it("gives the same bytes for the same input, in another folder and at another time", async () => {
  const formats: PackFormat[] = ["exe", "zip", ...(hasWixl ? (["msi"] as const) : [])];
  const first = await pack("first", formats);
  const second = await pack("second", formats);
  expect(second.map(({ sha256 }) => sha256)).toEqual(first.map(({ sha256 }) => sha256));
  const boms = [first, second].map((all) => all.map(({ bom }) => readFileSync(bom, "utf8")));
  expect(boms[1]).toEqual(boms[0]);
  expect(readdirSync(join(addin.folder, "first")).toSorted()).toEqual(
    formats.flatMap((one) => [`${FILE_NAME}.${one}`, `${FILE_NAME}.${one}.cdx.json`]).toSorted(),
  );
});

describe("folder", () => {
  it("registers, runs and is removed without a trace by its own command line", async () => {
    const entry = fixtureEntry("self.ts");
    const node = join(programFiles, "nodejs", "node.exe");
    const args = ["pack", "--entry", entry, "--node", node, "--out", "cli"];
    const packed = await runCli(testLab.labFolder, addin.folder, args);
    expect(packed.code, packed.stderr).toBe(0);
    const folder = join(programFiles, "A folder");
    cpSync(join(addin.folder, "cli", FILE_NAME), folder, { recursive: true });
    await use(folder, ["node.exe", "wsb-addin.js"]);
    const [nodeExe, script] = ["node.exe", "server.js"].map((name) =>
      toWindowsPath(testLab.lab, join(folder, name)),
    );
    expect(selfOf(folder)).toEqual({
      program: nodeExe,
      args: [script, "--help"],
      help: "",
      stack: mappedStack(),
    });
  });
});

describe("exe", () => {
  it("registers, runs and is removed without a trace: one file and the shim that it wrote", async () => {
    await pack("exe", ["exe"]);
    const folder = join(programFiles, "An exe");
    const exe = `${FILE_NAME}.exe`;
    mkdirSync(folder);
    copyFileSync(join(addin.folder, "exe", exe), join(folder, exe));
    await use(folder, [exe]);
    const help: unknown = expect.stringContaining(`Usage: ${exe}`);
    const program = toWindowsPath(testLab.lab, join(folder, exe));
    const stack = mappedStack();
    expect(selfOf(folder)).toEqual({ program, args: ["--help"], help, stack });
    const request = { components: [], services: [] };
    const answer = await agent.runHandler(program, "restoreAbandoned", request, LIMIT_MS);
    expect(answer).toBe("startServices");
    const files = readdirSync(folder).toSorted();
    expect(files).toEqual([exe, "self.json", expect.stringMatching(/^wsb-addin-\w{16}\.node$/u)]);
  });

  it("contains the texts of its events", async () => {
    const [message] = readMessages();
    if (message === undefined) throw new Error("there are no events");
    const reader = fileURLToPath(new URL("wsb-lab-messages.exe", labPrograms));
    const program = toWindowsPath(testLab.lab, join(programFiles, "An exe", `${FILE_NAME}.exe`));
    const id = (severityBits[message.type] + message.id).toString(16);
    const found = await run(toWindowsPath(testLab.lab, reader), [program, id, "Ledger"]);
    expect(found).toMatchObject({ code: 0, stdout: expect.stringContaining("Ledger") });
  });

  it("refuses another manifest than its own", async () => {
    const result = await command(
      join(programFiles, "An exe"),
      [`${FILE_NAME}.exe`],
      "status",
      "--manifest",
      "x.json",
    );
    expect(result.code).toBe(2);
    expect(result.stderr).toContain("--manifest");
    // It has no documents.
    expect(result.stderr).toMatch(
      /See docs\/errors\.md#err_wsb_\w+ in the npm package wsb-addin\./u,
    );
  });
});

describe("zip", () => {
  it("unpacks to an add-in that registers, runs and is removed without a trace", async () => {
    const [artifact] = await pack("zip", ["zip"]);
    for (const [name, content] of Object.entries(unzipSync(readFileSync(artifact?.path ?? "")))) {
      const path = join(programFiles, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
    await use(join(programFiles, FILE_NAME), ["node.exe", "wsb-addin.js"]);
  });
});

/** Writes a manifest with services into its own folder. */
function withServices(folder: string, services: readonly string[]): string {
  const manifestFile = join(addin.folder, folder, MANIFEST_FILE);
  mkdirSync(dirname(manifestFile));
  const fields: object = JSON.parse(readFileSync(join(addin.folder, MANIFEST_FILE), "utf8"));
  writeFileSync(manifestFile, JSON.stringify({ ...fields, services }));
  return manifestFile;
}

async function msiexec(action: string, path: string): Promise<number> {
  return (await run("msiexec", [action, toWindowsPath(testLab.lab, path), "/qn"])).code;
}

describe.skipIf(!hasWixl)("msi", () => {
  it("registers at installation, is upgraded to an exe, and removes everything", async () => {
    const [older, newer] = [
      ...(await pack("msi-1", ["msi"])),
      ...(await pack("msi-2", ["msi"], { payload: "exe", version: "1.1.0" })),
    ].map(({ path }) => path);
    if (older === undefined || newer === undefined) throw new Error("nothing was packed");

    const folder = join(programFiles, NAME);
    expect(await msiexec("/i", older)).toBe(0);
    const names = ["node.exe", "wsb-addin.js"];
    const installed = await dump();
    expect(installed).not.toEqual(before);
    expect((await command(folder, names, "status")).code).toBe(0);
    expect((await command(folder, names, "simulate", "restore")).code).toBe(0);
    await diagnose(folder, names);

    expect(await msiexec("/i", newer)).toBe(0);
    const files = readdirSync(folder).toSorted();
    const shim: unknown = expect.stringMatching(/^wsb-addin-\w{16}\.node$/u);
    // The add-in's own files do not belong to the installer.
    expect(files).toEqual([`${FILE_NAME}.exe`, "self.json", shim]);
    expect(await dump()).not.toEqual(installed);
    expect((await command(folder, [`${FILE_NAME}.exe`], "status")).code).toBe(0);
    expect((await command(folder, [`${FILE_NAME}.exe`], "simulate", "restore")).code).toBe(0);

    const upgraded = await dump();
    expect(await msiexec("/i", older)).not.toBe(0);
    expect(await dump()).toEqual(upgraded);

    expect(await msiexec("/x", newer)).toBe(0);
    expect(await dump()).toEqual(before);
    expect(readdirSync(folder)).toEqual(["self.json"]);
  });
});

describe.skipIf(!hasWixl)("msi while a restore session is open", () => {
  const request = {
    writerMetadata: null,
    componentName: "a",
    logicalPath: null,
    noRollForward: false,
  };

  it("refuses a restore in progress, and ends an abandoned one with its services stopped", async () => {
    const service = await installService(testLab, agent, "PackedLedger");
    await service.start();
    const manifestFile = withServices("open-session", ["PackedLedger"]);
    const entry = fixtureEntry("probe.ts");
    const [artifact] = await pack("open", ["msi"], { manifestFile, entry });
    const path = artifact?.path ?? "";
    const folder = join(programFiles, NAME);
    const state = async (): Promise<unknown> => [await dump(), readdirSync(folder).toSorted()];
    expect(await msiexec("/i", path)).toBe(0);
    const client = await startAgent(testLab.lab);
    const { value: restore } = await client.binding.activate(addin.clsid);
    expect((await restore?.preRestore(request))?.hresult).toBe(HRESULT.S_OK);
    const installed = await state();
    expect(await msiexec("/x", path)).not.toBe(0);
    expect(await state()).toEqual(installed);

    await client.end();
    expect(await msiexec("/x", path)).toBe(0);
    expect(await dump()).toEqual(before);
    expect(await service.state()).toBe("STOPPED");
    await service.uninstall();
  });
});

describe.skipIf(!hasWixl)("msi of an add-in with services", () => {
  it("creates the start-up task, keeps it during an upgrade, and removes it", async () => {
    const manifestFile = withServices("with-services", ["ContosoLedger"]);
    const [older, newer] = [
      ...(await pack("task-1", ["msi"], { manifestFile })),
      ...(await pack("task-2", ["msi"], { manifestFile, payload: "exe", version: "1.1.0" })),
    ].map(({ path }) => path);
    if (older === undefined || newer === undefined) throw new Error("nothing was packed");
    const tasks = join(programFiles, "..", "windows", "system32", "tasks");
    const task = join(tasks, `wsb-addin recover ${addin.clsid}`);

    expect(await msiexec("/i", older)).toBe(0);
    expect(existsSync(task)).toBe(true);
    expect(await msiexec("/i", newer)).toBe(0);
    expect(existsSync(task)).toBe(true);
    expect(await msiexec("/x", newer)).toBe(0);
    expect(existsSync(task)).toBe(false);
    expect(await dump()).toEqual(before);
  });
});
