import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { loadManifest } from "../../src/runtime/manifest/load.ts";
import { MARK_VALUE, markKey } from "../../src/runtime/restore/journal/mark.ts";
import { MANIFEST_FILE } from "../../src/runtime/manifest/manifest.ts";
import { bat } from "../../src/tools/export/bat.ts";
import { classKey, writerKey } from "../../src/tools/registration/keys.ts";
import { planRegistration } from "../../src/tools/registration/plan.ts";
import { encodeString } from "../../src/tools/registration/registry-value.ts";
import { toWindowsPath } from "../../src/tools/lab/paths.ts";
import { runInLab } from "../../src/tools/lab/run.ts";
import { repository } from "../generator/generator.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { runCli, runCliInAgent, runProgram, type CliResult } from "../helpers/cli.ts";
import { codeBlocks } from "../helpers/documents.ts";
import { buildAddin, makeTestLab, type TestAddin, type TestLab } from "../helpers/lab/test-lab.ts";

const SUPPORT =
  "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\WindowsServerBackup\\Application Support";
const HYPER_V = "{66841CD4-6DED-4F4B-8F17-FD23F8DDC3DE}";
const NAME = "Contoso & Ledger";
const PLACE = `C:\\Program Files\\${NAME}`;
const ASCII = `#1 A&B's "100%" %PATH% ! ^ (x) [y] {z} [{w}] $(var.a) !(loc.b) <c> | "d`;
const IDENTIFIER = `${ASCII} Größe`;
const hasWixl = spawnSync("wixl", ["--version"]).status === 0;

/** Returns the commands in the document's code blocks of a language, a line each. */
function commands(language: string): readonly string[] {
  return codeBlocks("docs/export.md", language).flatMap((code) => code.trimEnd().split("\n"));
}

const EVENT_SOURCES = "SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application";

let testLab: TestLab;
let agent: Agent;
let addin: TestAddin;
/** The output folder of the document's export commands. */
let registration: string;
let before: readonly string[];
let registered: readonly string[];

function cli(...args: readonly string[]): Promise<CliResult> {
  return runCli(testLab.labFolder, addin.folder, args);
}

/** Returns the export of a format for this lab's node.exe. */
function exportTo(out: string, args: readonly string[]): Promise<CliResult> {
  return cli(...args, "--node", testLab.lab.nodeExe, "--out", out);
}

function dump(): Promise<readonly string[]> {
  return agent.dumpRegistry([
    SUPPORT,
    "SOFTWARE\\Classes\\AppID",
    `SOFTWARE\\Classes\\CLSID\\${addin.clsid}`,
    EVENT_SOURCES,
  ]);
}

/** Writes a copy of the manifest with other fields into its own folder. */
function changeManifest(
  name: string,
  change: object,
): { readonly folder: string; readonly file: string; readonly windowsFile: string } {
  const folder = join(addin.folder, name);
  const file = join(folder, MANIFEST_FILE);
  const fields: object = JSON.parse(readFileSync(join(addin.folder, MANIFEST_FILE), "utf8"));
  mkdirSync(folder);
  writeFileSync(file, JSON.stringify({ ...fields, ...change }));
  return { folder, file, windowsFile: toWindowsPath(testLab.lab, file) };
}

/** Returns what `register` writes for an add-in in `folder`. */
async function registeredFrom(
  folder: string,
  manifestFile = addin.manifestFile,
): Promise<readonly string[]> {
  await agent.register(manifestFile, `${folder}\\server.js`);
  const dumped = await dump();
  await agent.unregister(addin.writerId);
  return dumped;
}

async function write(key: string, name: string, text: string): Promise<void> {
  const { type, data } = encodeString(text);
  await agent.binding.createRegistryKey(key);
  await agent.binding.writeRegistryValue(key, name, type, data);
}

/** Runs a command of the document in a folder of the lab. */
async function runCommand(command: string, cwd = registration): Promise<CliResult> {
  let stdout = "";
  const keep = (text: string): void => {
    stdout += text;
  };
  const code = await runInLab(testLab.lab, "cmd.exe", ["/c", ...command.split(" ")], {
    cwd,
    onStdout: keep,
    onStderr: keep,
  });
  return { code, stdout, stderr: "" };
}

beforeAll(async () => {
  testLab = makeTestLab();
  [agent, addin] = await Promise.all([
    startAgent(testLab.lab),
    buildAddin(testLab, "probe.ts", { name: NAME, applicationIdentifier: `${IDENTIFIER} 📒` }),
  ]);
  await write(`${SUPPORT}\\${HYPER_V}`, "Application Identifier", "Hyper-V");
  // Windows has many event sources; Wine lacks even their parent key.
  await agent.binding.createRegistryKey(`${EVENT_SOURCES}\\Hyper-V`);
  before = await dump();
  registered = await registeredFrom(PLACE);
  registration = join(addin.folder, "registration");
  for (const command of commands("sh")) {
    const [program, ...args] = command.split(" ");
    expect(program).toBe("wsb-addin");
    expect(await exportTo(registration, args.slice(0, -2))).toMatchObject({ code: 0 });
  }
});

afterAll(async () => {
  await agent.end();
  await testLab.remove();
});

it("register and unregister give the reference for the exports", async () => {
  expect(registered).not.toEqual(before);
  expect(await dump()).toEqual(before);
});

describe("reg", () => {
  it("imports the same values as register, and its removal file removes them", async () => {
    const [importing = "", removing = ""] = commands("bat");
    expect((await runCommand(importing)).code).toBe(0);
    expect(await dump()).toEqual(registered);
    expect((await runCommand(removing)).code).toBe(0);
    expect(await dump()).toEqual(before);
  });
});

describe("bat", () => {
  const [, , registering = "", removing = ""] = commands("bat");

  it("writes the same values as register, and its removal file removes them", async () => {
    const manifest = changeManifest("bat", { applicationIdentifier: ASCII });
    const expected = await registeredFrom(PLACE, manifest.windowsFile);
    const args = ["export", "--format", "bat", "--manifest", manifest.file];
    expect(await exportTo(manifest.folder, args)).toMatchObject({ code: 0, stderr: "" });
    const { code, stdout } = await runCommand(registering, manifest.folder);
    expect(code, stdout).toBe(0);
    expect(await dump()).toEqual(expected);
    expect((await runCommand(removing, manifest.folder)).code).toBe(0);
    expect(await dump()).toEqual(before);
  });

  // Wine's cmd.exe reads batch files in one code page, whatever chcp says.
  it.runIf(process.platform === "win32")("writes characters beyond ASCII", async () => {
    expect((await runCommand(registering)).code).toBe(0);
    expect(await dump()).toEqual(registered);
    expect((await runCommand(removing)).code).toBe(0);
  });

  // On Windows, every cmd.exe gets a console by default.
  it.runIf(process.platform !== "win32")(
    "changes nothing without a console to switch to UTF-8",
    async () => {
      const { code, stdout } = await runCommand(registering);
      expect(code).toBe(1);
      expect(stdout).toContain("nothing was changed");
      expect(await dump()).toEqual(before);
    },
  );

  it.each([
    ["the planned class", () => addin.clsid],
    ["another class, which is registered", () => HYPER_V],
  ])(
    "refuses while a restore session of %s is open: exit code 3, nothing changed",
    async (_, of) => {
      const name = `open-${of()}`;
      const manifest = changeManifest(name, { applicationIdentifier: ASCII });
      const args = ["export", "--format", "bat", "--manifest", manifest.file];
      expect(await exportTo(manifest.folder, args)).toMatchObject({ code: 0, stderr: "" });
      await write(writerKey(addin.writerId), "CLSID", of());
      const older = await dump();
      await agent.binding.createRegistryKey(markKey(of()));
      await agent.binding.writeRegistryValue(markKey(of()), MARK_VALUE, 7, new Uint8Array(4));
      for (const command of [registering, removing]) {
        const { code, stdout } = await runCommand(command, manifest.folder);
        expect(code, stdout).toBe(3);
        expect(stdout).toContain("wsb-addin recover");
        expect(await dump()).toEqual(older);
      }
      await agent.binding.deleteRegistryKey(markKey(of()));
      expect((await runCommand(removing, manifest.folder)).code).toBe(0);
      expect(await dump()).toEqual(before);
    },
  );

  it("names the failed step and restores the old values", async () => {
    const { file } = changeManifest("failing", { applicationIdentifier: ASCII });
    const manifest = loadManifest(file);
    const installation = { nodeExe: "C:\\node.exe", serverScript: "C:\\server.js" };
    const plan = planRegistration(manifest, installation);
    const impossible = {
      // Longer than the limit for the name of a key.
      key: `${classKey(addin.clsid)}\\${"x".repeat(300)}`,
      name: "Odd",
      value: encodeString("x"),
      why: "cannot be written",
    };
    const [failing] = bat.write([...plan.slice(0, -1), impossible, ...plan.slice(-1)], {
      manifest,
      installation,
      folder: "C:\\",
      fileName: "failing",
    });
    writeFileSync(join(registration, "failing.bat"), failing?.content ?? "");
    await write(writerKey(addin.writerId), "Application Identifier", "an older one");
    await write(`${classKey(addin.clsid)}\\Other`, "", "somebody else's");
    const older = await dump();
    const { code, stdout } = await runCommand("failing.bat");
    expect(stdout).toContain("xxx, value Odd");
    expect(code).not.toBe(0);
    expect(await dump()).toEqual(older);
    const software = await agent.binding.readRegistryKey("SOFTWARE");
    expect(software?.subkeys.filter((name) => name.startsWith("wsb-addin export"))).toEqual([]);
    await agent.binding.deleteRegistryKey(`${classKey(addin.clsid)}\\Other`);
    await agent.binding.deleteRegistryKey(classKey(addin.clsid));
    await agent.binding.deleteRegistryKey(writerKey(addin.writerId));
    expect(await dump()).toEqual(before);
  });
});

describe.skipIf(!hasWixl)("wxs, built by wixl", () => {
  it("installs, upgrades and removes the same values as register", async () => {
    // wixl loses characters beyond the Basic Multilingual Plane, so this name has none.
    const { file, folder, windowsFile } = changeManifest("msi", {
      applicationIdentifier: IDENTIFIER,
    });
    const [installer = ""] = codeBlocks("docs/export.md", "xml");
    const [build = ""] = commands("console");
    const [program = "", ...buildArgs] = build.split(" ");
    const steps = [
      { version: "1.0.0", place: PLACE },
      { version: "1.1.0", place: "D:\\moved [1] {2} $(x)" },
    ];
    for (const { version, place } of steps) {
      const expected = await registeredFrom(place, windowsFile);
      const args = ["export", "--format", "wxs", "--manifest", file, "--folder", place];
      expect(await exportTo(folder, args)).toMatchObject({ code: 0, stderr: "" });
      writeFileSync(join(folder, "installer.wxs"), installer.replace("1.0.0", version));
      const built = await runProgram(program, buildArgs, { cwd: folder });
      expect(built.code, built.stderr).toBe(0);
      expect((await runCommand("msiexec /i contoso-ledger.msi /qn", folder)).code).toBe(0);
      expect(await dump()).toEqual(expected);
    }
    expect((await runCommand("msiexec /x contoso-ledger.msi /qn", folder)).code).toBe(0);
    expect(await dump()).toEqual(before);
  });
});

/** Runs a command of the resource inside the agent; starts the one for `get` like DSC. */
function dsc(...args: readonly string[]): Promise<CliResult> {
  return runCliInAgent(testLab, agent, addin.folder, ["dsc", ...args]);
}

/** Runs a command of the resource and returns its JSON lines. */
async function resource(name: string, input?: object): Promise<readonly unknown[]> {
  const given = input === undefined ? [] : ["--input", JSON.stringify(input)];
  const { code, stdout, stderr } = await dsc(name, ...given);
  expect(code, stderr).toBe(0);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
}

describe("dsc", () => {
  it("registers, tests, exports and removes according to its configurations", async () => {
    const [desired, absent] = ["contoso-ledger", "contoso-ledger-unregister"].map(
      (name): { resources: [{ properties: object }] } =>
        JSON.parse(readFileSync(join(registration, `${name}.dsc.json`), "utf8")),
    );
    const instance = {
      ...desired?.resources[0].properties,
      manifest: addin.manifestFile,
      node: testLab.lab.nodeExe,
    };
    const { clsid, writerId } = addin;
    const gone = { writerId, _exist: false };
    const state = { writerId, applicationIdentifier: `${IDENTIFIER} 📒`, clsid, _exist: true };
    expect(await resource("test", instance)).toEqual([{ ...gone, _inDesiredState: false }]);
    expect(await resource("set", instance)).toEqual([state]);
    expect(await resource("test", instance)).toEqual([{ ...state, _inDesiredState: true }]);
    expect(await resource("export")).toEqual(
      expect.arrayContaining([
        state,
        { writerId: HYPER_V, applicationIdentifier: "Hyper-V", _exist: true },
      ]),
    );
    // DSC sends the document to stdin.
    writeFileSync(join(addin.folder, "get.json"), JSON.stringify({ writerId }));
    const main = toWindowsPath(testLab.lab, join(repository, "dist/cli/main.js"));
    writeFileSync(
      join(addin.folder, "get.bat"),
      `@"${testLab.lab.nodeExe}" "${main}" dsc get < get.json\r\n`,
    );
    expect(JSON.parse((await runCommand("get.bat", addin.folder)).stdout)).toEqual(state);
    expect(await resource("set", absent?.resources[0].properties)).toEqual([gone]);
    expect(await dump()).toEqual(before);
  });

  it("refuses a manifest of another writer: exit code 2, nothing changed", async () => {
    const input = { writerId: HYPER_V, manifest: addin.manifestFile };
    const { code, stderr } = await dsc("set", "--input", JSON.stringify(input));
    expect(code).toBe(2);
    expect(stderr).toContain("writerId");
    expect(await dump()).toEqual(before);
  });
});
