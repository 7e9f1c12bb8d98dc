import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { toWindowsPath } from "../../src/tools/lab/paths.ts";
import { runInLab } from "../../src/tools/lab/run.ts";
import { MANIFEST_FILE } from "../../src/runtime/manifest/manifest.ts";
import { decodeString, encodeString } from "../../src/tools/registration/registry-value.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { runCli, runCliInAgent, type CliResult } from "../helpers/cli.ts";
import { exportRegistry, nameState } from "../helpers/lab/registry-export.ts";
import {
  buildAddin,
  dataFolder,
  makeTestLab,
  type TestAddin,
  type TestLab,
} from "../helpers/lab/test-lab.ts";

const SUPPORT =
  "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\WindowsServerBackup\\Application Support";
const EVENT_SOURCES = "SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application";
const HYPER_V = "{66841CD4-6DED-4F4B-8F17-FD23F8DDC3DE}";
// In the case of Exchange's setup.
const EXCHANGE = "{76fe1ac4-15f7-4bcd-987e-8e1acb462fb7}";
const EXCHANGE_CLSID = "{D8A2E312-3B17-4293-B71E-CD72A7C04BF3}";
const EXCHANGE_APP_ID = "{6B0D4D5D-9C0F-4D7C-9E7B-2C1C4B9C3A11}";

let testLab: TestLab;
let agent: Agent;
let unelevated: Agent;
let addin: TestAddin;

/** Runs a command inside the agent; one test of each command starts it like a user. */
function cli(args: readonly string[], folder = addin.folder): Promise<CliResult> {
  return runCliInAgent(testLab, agent, folder, args);
}

function start(...args: readonly string[]): Promise<CliResult> {
  return runCli(testLab.labFolder, addin.folder, args);
}

/** Registers like the command, for tests that are not about the command. */
function register(): Promise<boolean> {
  return agent.register(addin.manifestFile, addin.serverScript);
}

async function read(key: string, name: string): Promise<string | undefined> {
  return decodeString(await agent.binding.readRegistryValue(key, name));
}

async function write(key: string, name: string, text: string): Promise<void> {
  const { type, data } = encodeString(text);
  await agent.binding.createRegistryKey(key);
  await agent.binding.writeRegistryValue(key, name, type, data);
}

/** Reads every key that a registration writes; faster than a complete export. */
function dumpRegistry(): Promise<readonly string[]> {
  return agent.dumpRegistry([
    SUPPORT,
    "SOFTWARE\\Classes\\AppID",
    `SOFTWARE\\Classes\\CLSID\\${addin.clsid}`,
    EVENT_SOURCES,
  ]);
}

// Everybody may only read the key and change its permissions.
const READ_ONLY = "D:P(A;;KRWD;;;WD)";
const FULL_ACCESS = "D:P(A;;KA;;;WD)";

/** Sets the permissions of a key, which Wine enforces like Windows. */
async function protect(key: string, dacl: string): Promise<void> {
  const program = new URL("../../prebuilds/win32-x64/lab/wsb-lab-registry.exe", import.meta.url);
  const path = toWindowsPath(testLab.lab, fileURLToPath(program));
  expect(await runInLab(testLab.lab, path, ["protect", key, dacl])).toBe(0);
}

/** Changes the manifest in the project and beside the server, like a build. */
function changeBuild(change: Readonly<Record<string, unknown>>): () => void {
  const restore = changeManifest(change);
  const built = join(addin.folder, "dist", MANIFEST_FILE);
  const before = readFileSync(built, "utf8");
  writeFileSync(built, readFileSync(join(addin.folder, MANIFEST_FILE), "utf8"));
  return () => {
    restore();
    writeFileSync(built, before);
  };
}

/** Changes the manifest only in the project. */
function changeManifest(change: Readonly<Record<string, unknown>>): () => void {
  const file = join(addin.folder, MANIFEST_FILE);
  const before = readFileSync(file, "utf8");
  writeFileSync(file, JSON.stringify({ ...JSON.parse(before), ...change }));
  return () => writeFileSync(file, before);
}

beforeAll(async () => {
  testLab = makeTestLab();
  [agent, unelevated, addin] = await Promise.all([
    startAgent(testLab.lab),
    startAgent(testLab.lab, "unelevated"),
    buildAddin(testLab, "probe.ts", { applicationIdentifier: "Contoso Ledger" }),
  ]);
  // As on real servers: one application without and one with an add-in.
  await write(`${SUPPORT}\\${HYPER_V}`, "Application Identifier", "Hyper-V");
  await write(`${SUPPORT}\\${EXCHANGE}`, "Application Identifier", "Exchange");
  await write(`${SUPPORT}\\${EXCHANGE}`, "CLSID", EXCHANGE_CLSID);
  const exchangeClass = `SOFTWARE\\Classes\\CLSID\\${EXCHANGE_CLSID}`;
  await write(exchangeClass, "", "Exchange's add-in");
  await write(exchangeClass, "AppID", EXCHANGE_APP_ID);
  await write(`${exchangeClass}\\LocalServer32`, "", "C:\\Exchange\\WSBExchange.exe");
  await write(`SOFTWARE\\Classes\\AppID\\${EXCHANGE_APP_ID}`, "LocalService", "wsbexchange");
});

afterAll(async () => {
  await Promise.all([agent.end(), unelevated.end()]);
  await testLab.remove();
});

describe("register and unregister", () => {
  it("restore the registry, byte for byte", async () => {
    const before = await exportRegistry(testLab);
    expect(await start("register", "--no-activate")).toMatchObject({ code: 0, stderr: "" });
    expect(nameState(await exportRegistry(testLab), { before })).not.toBe("before");
    expect(await start("status")).toMatchObject({ code: 0, stderr: "" });
    expect(await start("unregister")).toMatchObject({ code: 0, stderr: "" });
    expect(nameState(await exportRegistry(testLab), { before })).toBe("before");
  });

  it("write the values that Windows Server Backup and COM need", async () => {
    await cli(["register", "--no-activate"]);
    const clsid = addin.clsid;
    const support = `${SUPPORT}\\${addin.writerId}`;
    expect(await read(support, "Application Identifier")).toBe("Contoso Ledger");
    expect(await read(support, "CLSID")).toBe(clsid);
    const server = `SOFTWARE\\Classes\\CLSID\\${clsid}\\LocalServer32`;
    expect(await read(server, "")).toBe(`"${testLab.lab.nodeExe}" "${addin.serverScript}"`);
    expect(await read(server, "ServerExecutable")).toBe(testLab.lab.nodeExe);
    const appId = await read(`SOFTWARE\\Classes\\CLSID\\${clsid}`, "AppID");
    expect(await read(`SOFTWARE\\Classes\\AppID\\${appId}`, "")).toBe(`Test ${addin.writerId}`);
    const source = `${EVENT_SOURCES}\\Contoso Ledger (wsb-addin)`;
    const shim = addin.serverScript.replace("server.js", "wsb-addin.node");
    expect(await read(source, "EventMessageFile")).toBe(shim);
    await agent.unregister(addin.writerId);
  });

  it("change nothing the second time", async () => {
    await register();
    const again = await cli(["register", "--json", "--no-activate"]);
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({
      schemaVersion: 1,
      command: "register",
      ok: true,
      changed: false,
    });
    await agent.unregister(addin.writerId);
    const gone = await cli(["unregister", "--json"]);
    expect(gone.code).toBe(0);
    expect(JSON.parse(gone.stdout)).toMatchObject({ ok: true, changed: false });
  });

  it("find the manifest and the folder that build was given", async () => {
    const own = await buildAddin(testLab, "probe.ts");
    rmSync(join(own.folder, "dist"), { recursive: true });
    renameSync(join(own.folder, MANIFEST_FILE), join(own.folder, "ledger.json"));
    writeFileSync(
      join(own.folder, "addin.ts"),
      'import { defineAddin } from "wsb-addin";\nexport default defineAddin({ preRestore() {} });\n',
    );
    const manifest = ["--manifest", "ledger.json"];
    const build = ["build", ...manifest, "--entry", "addin.ts", "--out", "elsewhere"];
    const built = await runCli(testLab.labFolder, own.folder, build);
    expect(built.code, built.stderr).toBe(0);
    const args = ["register", ...manifest, "--allow-writable-folder"];
    const registered = await cli(args, own.folder);
    expect(registered.code, registered.stderr).toBe(0);
    const key = `SOFTWARE\\Classes\\CLSID\\${own.clsid}\\LocalServer32`;
    expect(await read(key, "")).toContain("\\elsewhere\\server.js");
    expect((await cli(["unregister", ...manifest], own.folder)).code).toBe(0);
  });

  it("show in a dry run what they would do, and do nothing", async () => {
    const before = await dumpRegistry();
    const { code, stdout } = await cli(["register", "--dry-run"]);
    expect(code).toBe(0);
    expect(stdout).toContain(addin.clsid);
    expect(await dumpRegistry()).toEqual(before);
  });

  it("show in a dry run what unregister would remove and keep, and remove nothing", async () => {
    await register();
    const key = `SOFTWARE\\Classes\\CLSID\\${addin.clsid}\\LocalServer32`;
    await write(key, "", "changed");
    const before = await dumpRegistry();
    const { code, stdout } = await cli(["unregister", "--dry-run", "--json"]);
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      {
        changed: false,
        kept: [expect.stringContaining("LocalServer32")],
        steps: expect.arrayContaining([
          expect.objectContaining({ kind: "setValue", name: "CLSID", after: "nothing" }),
          { kind: "deleteKey", key: `HKLM\\${SUPPORT}\\${addin.writerId}` },
        ]),
      },
    ]);
    expect(await dumpRegistry()).toEqual(before);
    await agent.unregister(addin.writerId);
    await agent.binding.deleteRegistryKey(key);
    await agent.binding.deleteRegistryKey(key.slice(0, key.lastIndexOf("\\")));
  });

  it("keep values that others have added since", async () => {
    await register();
    const key = `${SUPPORT}\\${addin.writerId}`;
    await write(key, "Somebody else's", "stays");
    expect((await cli(["unregister"])).code).toBe(0);
    expect(await read(key, "Somebody else's")).toBe("stays");
    expect(await read(key, "CLSID")).toBeUndefined();
    await agent.binding.deleteRegistryKey(key);
  });

  it("unregister without a manifest, by the writer's id in any spelling", async () => {
    await register();
    const bare = addin.writerId.slice(1, -1).toLowerCase();
    const result = await cli(["unregister", "--writer-id", bare], testLab.folder);
    expect(result.code).toBe(0);
    expect((await cli(["status"])).code).toBe(1);
  });

  it("unregister names the folder with events and journals, which stays", async () => {
    // The proof that COM starts the add-in is in its events.
    expect((await cli(["register", "--allow-writable-folder"])).code).toBe(0);
    const { code, stdout } = await cli(["unregister", "--json"]);
    const dataFolders = [`C:\\ProgramData\\wsb-addin\\${addin.clsid}`];
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 0, changed: true, dataFolders });
    expect(existsSync(dataFolder(testLab, addin))).toBe(true);
    const again = await cli(["unregister", "--json"]);
    expect(JSON.parse(again.stdout)).toMatchObject({ changed: false, dataFolders: [] });
  });
});

describe("status", () => {
  it("returns 1 before, 0 after, and lists changed values", async () => {
    expect((await cli(["status"])).code).toBe(1);
    await register();
    const server = `SOFTWARE\\Classes\\CLSID\\${addin.clsid}\\LocalServer32`;
    await write(server, "", "C:\\somewhere\\else.exe");
    const { code, stdout } = await cli(["status", "--json"]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      state: "drifted",
      drift: [{ key: `HKLM\\${server}`, name: "" }],
    });
    // Registering again repairs it.
    await register();
    expect((await cli(["status"])).code).toBe(0);
    await agent.unregister(addin.writerId);
  });
});

describe("register refuses, and changes nothing", () => {
  it.each([
    ["a bad GUID", { writerId: "{not-a-guid}" }, "writerId"],
    ["an unknown service", { services: ["WsbNowhere"] }, "WsbNowhere"],
  ])("%s: exit code 2", async (_, change, named) => {
    const before = await dumpRegistry();
    const restore = changeBuild(change);
    const { code, stderr, stdout } = await cli(["register", "--json", "--no-activate"]);
    restore();
    expect(code).toBe(2);
    expect(stderr).toContain(named);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      error: { code: "ERR_WSB_INVALID_MANIFEST" },
    });
    expect(await dumpRegistry()).toEqual(before);
  });

  it("a manifest that was changed after the build: exit code 1", async () => {
    const restore = changeManifest({ lingerMs: 7000 });
    const { code, stderr } = await cli(["register", "--no-activate"]);
    restore();
    expect(code).toBe(1);
    expect(stderr).toContain("npm run build");
  });

  it("a writer that another program has registered: exit code 3", async () => {
    const key = `${SUPPORT}\\${addin.writerId}`;
    await write(key, "Application Identifier", "Fabrikam");
    const before = await dumpRegistry();
    const { code, stderr } = await cli(["register", "--no-activate"]);
    expect(code).toBe(3);
    expect(stderr).toContain("Fabrikam");
    expect((await cli(["unregister"])).code).toBe(3);
    expect(await dumpRegistry()).toEqual(before);
    await agent.binding.deleteRegistryKey(key);
  });

  it.each([
    ["Hyper-V's identifier", { applicationIdentifier: "HYPER-V" }, [HYPER_V, '"Hyper-V"']],
    [
      "Exchange's class",
      { clsid: EXCHANGE_CLSID.slice(1, -1).toLowerCase() },
      [EXCHANGE, '"Exchange"', EXCHANGE_CLSID],
    ],
  ])("%s, even with --force: exit code 3", async (_, change, named) => {
    const before = await exportRegistry(testLab);
    const restore = changeBuild(change);
    const { code, stderr } = await cli(["register", "--force", "--no-activate"]);
    restore();
    expect(code).toBe(3);
    for (const text of named) expect(stderr).toContain(text);
    expect(nameState(await exportRegistry(testLab), { before })).toBe("before");
  });

  it.each([
    ["Exchange's writer", { writerId: EXCHANGE.toUpperCase() }, ['"Exchange"', EXCHANGE_CLSID]],
    ["Exchange's COM application", { appId: EXCHANGE_APP_ID }, [EXCHANGE_APP_ID]],
  ])("%s, without --force: exit code 3", async (_, change, named) => {
    const before = await exportRegistry(testLab);
    const restore = changeBuild(change);
    const { code, stderr } = await cli(["register", "--update", "--no-activate"]);
    restore();
    expect(code).toBe(3);
    for (const text of named) expect(stderr).toContain(text);
    expect(nameState(await exportRegistry(testLab), { before })).toBe("before");
  });

  it.each(["register", "unregister"])(
    "%s without administrator rights: exit code 5",
    async (command) => {
      const before = await dumpRegistry();
      const args = [command, "--json"];
      const { code, stdout } = await runCliInAgent(testLab, unelevated, addin.folder, args);
      expect(code).toBe(5);
      expect(JSON.parse(stdout)).toMatchObject({
        ok: false,
        error: { code: "ERR_WSB_ACCESS_DENIED" },
      });
      expect(await dumpRegistry()).toEqual(before);
    },
  );
});

// On Windows, an administrator would have to clean up after a failed test.
describe.skipIf(process.platform === "win32")("a key that denies access in the middle", () => {
  it("undoes a whole registration, and is named: exit code 5", async () => {
    const key = `${SUPPORT}\\${addin.writerId}`;
    await agent.binding.createRegistryKey(key);
    // The COM class and its application are written before.
    await protect(key, READ_ONLY);
    const before = await exportRegistry(testLab);
    const { code, stdout } = await cli(["register", "--json", "--no-activate"]);
    expect(code).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({
      error: {
        code: "ERR_WSB_ACCESS_DENIED",
        message: expect.stringContaining(`HKLM\\${key}`),
        hresult: "0x80070005",
      },
    });
    expect(nameState(await exportRegistry(testLab), { before })).toBe("before");
    await agent.binding.deleteRegistryKey(key);
  });

  it("undoes a whole removal, and is named: exit code 5", async () => {
    await register();
    const key = `SOFTWARE\\Classes\\AppID\\${addin.appId}`;
    // The writer and the COM class are removed before.
    await protect(key, READ_ONLY);
    const before = await exportRegistry(testLab);
    const { code, stdout } = await cli(["unregister", "--json"]);
    expect(code).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({
      error: {
        code: "ERR_WSB_ACCESS_DENIED",
        message: expect.stringContaining(`HKLM\\${key}`),
        hresult: "0x80070005",
      },
    });
    expect(nameState(await exportRegistry(testLab), { before })).toBe("before");
    await protect(key, FULL_ACCESS);
    expect(await cli(["unregister"])).toMatchObject({ code: 0, stderr: "" });
    expect(await agent.binding.readRegistryKey(key)).toBeNull();
  });
});

describe("the registry", () => {
  const key = "SOFTWARE\\wsb-addin-test";
  afterEach(async () => {
    await agent.binding.deleteRegistryKey(key);
  });

  it.each([0, 1, 511, 512, 513, 70_000])("returns a value of %i bytes unchanged", async (size) => {
    const data = Buffer.alloc(size, "wsb");
    await agent.binding.createRegistryKey(key);
    await agent.binding.writeRegistryValue(key, "Data", 3, data);
    const value = await agent.binding.readRegistryValue(key, "Data");
    expect(value?.type).toBe(3);
    expect(Buffer.from(value?.data ?? []).equals(data)).toBe(true);
    expect(await agent.binding.readRegistryValue(key, "Other")).toBeNull();
  });

  it("tells whether a key exists", async () => {
    expect(await agent.binding.hasRegistryKey(key)).toBe(false);
    expect(await agent.binding.readRegistryValue(key, "Data")).toBeNull();
    await agent.binding.createRegistryKey(key);
    expect(await agent.binding.hasRegistryKey(key)).toBe(true);
    expect(await agent.binding.hasRegistryKey(`${key}\\below`)).toBe(false);
  });
});
