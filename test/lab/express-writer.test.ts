import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { decodeDocument } from "../../src/runtime/metadata/decode.ts";
import { MANIFEST_FILE } from "../../src/runtime/manifest/manifest.ts";
import { readManifest } from "../../src/runtime/manifest/parse.ts";
import { VSSAPI } from "../../src/tools/lab/lab.ts";
import { fromWindowsPath, toWindowsPath } from "../../src/tools/lab/paths.ts";
import { planDeclared, type DeclaredPlan } from "../../src/tools/writer/declared.ts";
import { sameDocument } from "../../src/tools/writer/same-document.ts";
import { runCliInAgent, type CliResult } from "../helpers/cli.ts";
import { codeBlocks } from "../helpers/documents.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { makeTestLab, type TestLab } from "../helpers/lab/test-lab.ts";

const WRITER_ID = "{CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}";
const OTHER = "{A65FAA63-5EA8-4EBC-9DBD-A0C4DB26912A}";
const STORE = "C:\\windows\\Vss\\Writers\\Application";
const FAULTS = "SOFTWARE\\wsb-addin-lab\\vssapi\\Faults";
const SUPPORT =
  "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\WindowsServerBackup\\Application Support";

const files = [{ path: "C:\\Ledger", filespec: "*", recursive: true }];
const settings = {
  name: "O'Brien & <Söhne> 📒",
  writerId: WRITER_ID,
  applicationIdentifier: "Contoso Ledger",
  writer: {
    kind: "declared",
    components: [
      {
        name: "Ledger",
        logicalPath: "Contoso\\Größe",
        caption: 'The "books"',
        files: [...files, { path: "%ProgramData%\\x", filespec: "?.dat", recursive: false }],
        dependencies: [
          { writerId: OTHER, logicalPath: "SERVER", name: "main" },
          { writerId: WRITER_ID, name: "Archive 📒" },
        ],
      },
      { name: "Archive 📒", files, selectable: false, selectableForRestore: false },
    ],
    exclude: [{ path: "C:\\Ledger", filespec: "*.tmp", recursive: true }],
  },
};

let testLab: TestLab;
let agent: Agent;
let unelevated: Agent;
let folder: string;

function planOf(manifest: object): DeclaredPlan {
  const read = readManifest(manifest);
  const plan = "value" in read ? planDeclared(read.value) : null;
  if (plan === null) throw new Error("not declared");
  return plan;
}

function write(manifest: object): void {
  writeFileSync(join(folder, MANIFEST_FILE), JSON.stringify(manifest));
}

function cli(args: readonly string[], program = agent): Promise<CliResult> {
  return runCliInAgent(testLab, program, folder, args);
}

/** Returns the documents in Windows' store. */
function stored(): readonly string[] {
  const path = fromWindowsPath(testLab.lab, STORE);
  if (!existsSync(path)) return [];
  return readdirSync(path).map((name) => decodeDocument(readFileSync(join(path, name))));
}

async function playFault(call: string, hresult: number): Promise<void> {
  const value = Buffer.alloc(4);
  value.writeUInt32LE(hresult);
  await agent.binding.createRegistryKey(FAULTS);
  await agent.binding.writeRegistryValue(FAULTS, call, 4, value);
}

async function clearFaults(): Promise<void> {
  const key = await agent.binding.readRegistryKey(FAULTS);
  for (const name of key?.values ?? []) await agent.binding.deleteRegistryValue(FAULTS, name);
}

beforeAll(async () => {
  testLab = makeTestLab();
  [agent, unelevated] = await Promise.all([
    startAgent(testLab.lab),
    startAgent(testLab.lab, "unelevated"),
  ]);
  folder = mkdtempSync(join(testLab.folder, "application "));
  write(settings);
});

afterAll(async () => {
  await Promise.all([agent.end(), unelevated.end()]);
  await testLab.remove();
});

afterEach(async () => {
  await clearFaults();
  write(settings);
  await cli(["unregister"]);
  await agent.binding.unregisterExpressWriter(WRITER_ID).catch(() => {});
});

describe("register and unregister with a declared writer", () => {
  it("fill and empty Windows' store", async () => {
    expect(stored()).toEqual([]);
    const first = await cli(["register", "--json"]);
    expect(first, first.stderr).toMatchObject({ code: 0 });
    expect(stored()).toHaveLength(1);
    const status = await cli(["status", "--json"]);
    expect(JSON.parse(status.stdout)).toMatchObject({
      ok: true,
      state: "registered",
      declaredWriter: "registered",
    });
    const again = await cli(["register", "--json"]);
    expect(JSON.parse(again.stdout)).toMatchObject({ ok: true, changed: false });
    const removed = await cli(["unregister", "--json"]);
    expect(JSON.parse(removed.stdout)).toMatchObject({ ok: true, changed: true, kept: [] });
    expect(stored()).toEqual([]);
  });

  it("store what writer show prints", async () => {
    await cli(["register"]);
    const { stdout } = await cli(["writer", "show", "--json"]);
    const { metadata } = JSON.parse(stdout);
    expect(sameDocument(stored()[0] ?? null, metadata)).toBe(true);
  });

  it("show first what they would do, and do nothing", async () => {
    const planned = await cli(["register", "--dry-run"]);
    expect(planned.stdout).toContain(`+ express writer ${WRITER_ID}`);
    expect(planned.stdout).toContain("Contoso\\Größe\\Ledger, Archive 📒");
    expect(stored()).toEqual([]);
    await cli(["register"]);
    const { stdout } = await cli(["unregister", "--dry-run", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ changed: false, declaredWriter: "remove" });
    expect(stored()).toHaveLength(1);
  });

  it("replace the document only with --update", async () => {
    await cli(["register"]);
    const [before] = stored();
    const components = [{ name: "Books", files }];
    write({ ...settings, writer: { kind: "declared", components } });
    expect(await cli(["register"])).toMatchObject({ code: 3 });
    expect(stored()).toEqual([before]);
    expect(await cli(["register", "--update"])).toMatchObject({ code: 0 });
    expect(stored()[0]).toContain("Books");
    write({ ...settings, writer: { kind: "external" } });
    expect(await cli(["register"])).toMatchObject({ code: 0 });
    expect(stored()).toEqual([]);
  });

  it("need an elevated prompt", async () => {
    expect(await cli(["register"], unelevated)).toMatchObject({ code: 5 });
    await expect(
      unelevated.binding.registerExpressWriter(planOf(settings).express),
    ).rejects.toMatchObject({ hresult: 0x80070005 });
    expect(stored()).toEqual([]);
  });

  it("register 1,000 components", async () => {
    const components = Array.from({ length: 1000 }, (_, n) => ({ name: `Ledger ${n}`, files }));
    const { express, document } = planOf({
      ...settings,
      writer: { kind: "declared", components },
    });
    await agent.binding.registerExpressWriter(express);
    expect(sameDocument(stored()[0] ?? null, document)).toBe(true);
  });
});

describe("docs/writer.md", () => {
  it("has a manifest and commands that work", async () => {
    const [manifest = ""] = codeBlocks("docs/writer.md", "json");
    const [commands = ""] = codeBlocks("docs/writer.md", "sh");
    write(JSON.parse(manifest));
    const lines = commands.trim().split("\n");
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      const ended = await cli(line.replace("wsb-addin ", "").split(" "));
      expect(ended, line).toMatchObject({ code: 0 });
    }
    expect(stored()).toHaveLength(1);
  });
});

describe("a writer in a service", () => {
  it("is refused before it was built, because nothing would run it", async () => {
    write({ ...settings, writer: { ...settings.writer, kind: "service" } });
    const { code, stderr } = await cli(["register"]);
    expect(code).toBe(1);
    expect(stderr).toContain("writer.js");
    expect(await agent.binding.hasRegistryKey(`${SUPPORT}\\${WRITER_ID}`)).toBe(false);
  });
});

/** Returns the verdicts of doctor by check. */
async function verdicts(): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await cli(["doctor", "--json"]);
  const { checks }: { checks: readonly { id: string; verdict: string }[] } = JSON.parse(stdout);
  return Object.fromEntries(checks.map(({ id, verdict }) => [id, verdict]));
}

describe("doctor", () => {
  it("finds a folder of a component that does not exist, and a writer that is missing", async () => {
    await cli(["register"]);
    expect(await verdicts()).toMatchObject({ registration: "ok", "component-files": "fail" });
    const there = [{ path: "%SystemRoot%", filespec: "*", recursive: false }];
    const components = [{ name: "Ledger", files: there }];
    write({ ...settings, writer: { kind: "declared", components } });
    await cli(["register", "--update"]);
    expect(await verdicts()).toMatchObject({ registration: "ok", "component-files": "ok" });
    await agent.binding.unregisterExpressWriter(WRITER_ID);
    expect(await verdicts()).toMatchObject({ registration: "fail" });
  });
});

describe("DSC", () => {
  it("registers the declared writer, and finds out when it is gone", async () => {
    const manifest = toWindowsPath(testLab.lab, join(folder, MANIFEST_FILE));
    const input = JSON.stringify({ writerId: WRITER_ID, manifest });
    const test = async (): Promise<unknown> => {
      const { stdout } = await cli(["dsc", "test", "--input", input, "--json"]);
      return JSON.parse(stdout).states;
    };
    expect(await cli(["dsc", "set", "--input", input])).toMatchObject({ code: 0 });
    expect(stored()).toHaveLength(1);
    expect(await test()).toMatchObject([{ _exist: true, _inDesiredState: true }]);
    await agent.binding.unregisterExpressWriter(WRITER_ID);
    expect(await test()).toMatchObject([{ _exist: true, _inDesiredState: false }]);
  });
});

describe("another program's writer with the same id", () => {
  const foreign = planOf({ ...settings, name: "Fabrikam" });

  it("is a conflict, and stays", async () => {
    await agent.binding.registerExpressWriter(foreign.express);
    const before = stored();
    const { code, stderr } = await cli(["register"]);
    expect(code).toBe(3);
    expect(stderr).toContain(WRITER_ID);
    expect(await agent.binding.hasRegistryKey(`${SUPPORT}\\${WRITER_ID}`)).toBe(false);
    await cli(["unregister"]);
    expect(stored()).toEqual(before);
    expect(await cli(["register", "--force"])).toMatchObject({ code: 0 });
    expect(stored()[0]).not.toContain("Fabrikam");
  });

  it("is named when it has replaced ours", async () => {
    await cli(["register"]);
    await agent.binding.unregisterExpressWriter(WRITER_ID);
    const gone = await cli(["status", "--json"]);
    expect(JSON.parse(gone.stdout)).toMatchObject({ ok: false, declaredWriter: "missing" });
    await agent.binding.registerExpressWriter(foreign.express);
    const { code, stdout } = await cli(["status", "--json"]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ state: "drifted", declaredWriter: "changed" });
    const removed = await cli(["unregister", "--json"]);
    expect(JSON.parse(removed.stdout)).toMatchObject({
      changed: true,
      kept: [expect.stringContaining(WRITER_ID)],
    });
    expect(stored()[0]).toContain("Fabrikam");
  });
});

describe("a refusal of VSS", () => {
  it.each([
    ["CreateVssExpressWriterInternal", 0x80070005, 5, "elevated"],
    // Succeeds without an object.
    ["CreateVssExpressWriterInternal", 1, 1, "safe mode"],
    ["CreateMetadata", 0x80042302, 1, "VSS_E_UNEXPECTED"],
    ["SetRestoreMethod", 0x80070057, 1, "SetRestoreMethod, 0x80070057"],
    ["AddComponent", 0x80042302, 1, "AddComponent, VSS_E_UNEXPECTED"],
    ["AddFilesToFileGroup", 0x8004232f, 1, "VSS_E_NOT_SUPPORTED"],
    ["AddComponentDependency", 0x80042308, 1, "AddComponentDependency"],
    ["AddExcludeFiles", 0x8007000e, 1, "AddExcludeFiles"],
    ["SetBackupSchema", 0x80042302, 1, "SetBackupSchema"],
    ["Register", 0x80042311, 1, "VSS_E_INVALID_XML_DOCUMENT"],
    ["Register", 0x8004230d, 3, "Another program"],
  ])("of %s with 0x%s undoes the registration", async (call, hresult, code, text) => {
    await playFault(call, hresult);
    const failed = await cli(["register"]);
    expect(failed).toMatchObject({ code });
    expect(failed.stderr).toContain(text);
    expect(stored()).toEqual([]);
    expect(await agent.binding.hasRegistryKey(`${SUPPORT}\\${WRITER_ID}`)).toBe(false);
  });

  it("to remove the writer keeps the registration", async () => {
    await cli(["register"]);
    await playFault("Unregister", 0x80042302);
    expect(await cli(["unregister"])).toMatchObject({ code: 1 });
    const { stdout } = await cli(["status", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, declaredWriter: "registered" });
  });

  it("of a new document brings the old one back, byte for byte", async () => {
    await cli(["register"]);
    const before = stored();
    write({ ...settings, name: "Fabrikam" });
    await playFault("AddComponent", 0x80042302);
    expect(await cli(["register", "--update"])).toMatchObject({ code: 1 });
    expect(stored()).toEqual(before);
  });

  it("to bring the old one back is on record, and recover does it later", async () => {
    await cli(["register"]);
    const before = stored();
    write({ ...settings, name: "Fabrikam" });
    await playFault("Register", 0x80042302);
    expect(await cli(["register", "--update"])).toMatchObject({ code: 6 });
    expect(stored()).toEqual([]);
    const { stdout } = await cli(["status", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, condition: "half done" });
    await clearFaults();
    expect(await cli(["recover"])).toMatchObject({ code: 0 });
    expect(stored()).toEqual(before);
  });
});

describe.runIf(process.platform !== "win32")("without vssapi.dll", () => {
  it("register says so, and changes nothing", async () => {
    const dll = fromWindowsPath(testLab.lab, VSSAPI);
    renameSync(dll, `${dll}.away`);
    try {
      const { code, stderr } = await cli(["register"]);
      expect(code).toBe(1);
      expect(stderr).toContain("ERROR_MOD_NOT_FOUND, 0x8007007E");
      expect(await agent.binding.hasRegistryKey(`${SUPPORT}\\${WRITER_ID}`)).toBe(false);
    } finally {
      renameSync(`${dll}.away`, dll);
    }
  });
});

describe("the shim's functions for express writers", () => {
  const { express, document } = planOf(settings);

  it("register a writer by its document", async () => {
    await agent.binding.registerExpressDocument(document);
    expect(stored().map((one) => one.replace("\uFEFF", ""))).toEqual([document]);
    const again = agent.binding.registerExpressDocument(document);
    await expect(again).rejects.toMatchObject({ hresult: 0x8004230d, api: "Register" });
  });

  it("refuse what is no document", async () => {
    for (const text of ["", "text", "<WRITER_METADATA>", "<OTHER/>"]) {
      await expect(agent.binding.registerExpressDocument(text)).rejects.toMatchObject({
        hresult: 0x80042311,
        api: "LoadMetadata",
      });
    }
  });

  it("remove no writer that is not there", async () => {
    await expect(agent.binding.unregisterExpressWriter(OTHER)).rejects.toMatchObject({
      hresult: 0x80042308,
      api: "Unregister",
    });
  });

  it.each([
    ["a network path", { files: [{ path: "\\\\server\\x", filespec: "*", recursive: true }] }],
    ["a wildcard in a path", { files: [{ path: "C:\\*", filespec: "*", recursive: true }] }],
    ["a folder in a pattern", { files: [{ path: "C:\\", filespec: "x\\*", recursive: true }] }],
    ["a name with a backslash", { name: "a\\b" }],
  ])("report that VSS refuses %s", async (_, fields) => {
    const [component] = express.components;
    if (component === undefined) throw new Error("no component");
    const writer = { ...express, components: [{ ...component, dependencies: [], ...fields }] };
    await expect(agent.binding.registerExpressWriter(writer)).rejects.toMatchObject({
      hresult: 0x80070057,
    });
    expect(stored()).toEqual([]);
  });

  it("report that VSS refuses the same component twice, and an unknown restore method", async () => {
    const [first] = express.components;
    const components = [first, first].flatMap((one) => one ?? []);
    await expect(
      agent.binding.registerExpressWriter({ ...express, components }),
    ).rejects.toMatchObject({ hresult: 0x8004230d, api: "AddComponent" });
    await expect(
      agent.binding.registerExpressWriter({ ...express, restoreMethod: 7 }),
    ).rejects.toMatchObject({ hresult: 0x80070057, api: "SetRestoreMethod" });
    await expect(
      agent.binding.registerExpressWriter({ ...express, backupSchema: 1 }),
    ).rejects.toMatchObject({ hresult: 0x80070057, api: "SetBackupSchema" });
  });
});
