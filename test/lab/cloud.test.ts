import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type {
  NativeCloudProvider,
  NativeCloudStatusEntry,
} from "../../src/runtime/native/binding.ts";
import { decodeString } from "../../src/tools/registration/registry-value.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { runCli, runCliInAgent, type CliResult } from "../helpers/cli.ts";
import { makeTestLab, type TestLab } from "../helpers/lab/test-lab.ts";
import { MMC, PARENT, placeStandIn, writeSnapInKeys } from "../helpers/lab/wsb-online.ts";

const RECORD = "SOFTWARE\\wsb-addin-lab\\WsbOnline";
const SNAP_IN = "{0D6E7C64-2C0B-4A86-8E0B-3A3C1D2E4F01}";
const OTHER_SNAP_IN = "{0D6E7C64-2C0B-4A86-8E0B-3A3C1D2E4F02}";
const DWORD = 4;

const provider: NativeCloudProvider = {
  snapinId: SNAP_IN,
  // Any DLL with string resources works; "Error" is the second of this DLL.
  resourceDll: "C:\\windows\\system32\\user32.dll",
  nameId: 2,
  iconId: 65_535,
  supportsRemoting: true,
};

let testLab: TestLab;
let agent: Agent;
let unelevated: Agent;

async function readText(key: string, name: string): Promise<string | undefined> {
  return decodeString(await agent.binding.readRegistryValue(key, name));
}

async function readNumber(key: string, name: string): Promise<number | undefined> {
  const value = await agent.binding.readRegistryValue(key, name);
  return value?.type === DWORD ? Buffer.from(value.data).readUInt32LE() : undefined;
}

function dumpConsole(): Promise<readonly string[]> {
  return agent.dumpRegistry([MMC]);
}

async function subkeysOf(key: string): Promise<readonly string[]> {
  const content = await agent.binding.readRegistryKey(key);
  return (content?.subkeys ?? []).map((name) => `${key}\\${name}`);
}

async function readPair(key: string): Promise<NativeCloudStatusEntry["values"][number]> {
  return {
    text: (await readText(key, "Value")) ?? "nothing",
    type: (await readNumber(key, "Type")) ?? -1,
  };
}

async function readEntry(key: string): Promise<NativeCloudStatusEntry> {
  return {
    iconId: (await readNumber(key, "Icon")) ?? -1,
    nameId: (await readNumber(key, "StatusEntryName")) ?? -1,
    valueId: (await readNumber(key, "StatusEntryValue")) ?? -1,
    values: await Promise.all((await subkeysOf(key)).map(readPair)),
  };
}

/** Reads the status that the substitute has recorded. */
async function readStatus(): Promise<readonly NativeCloudStatusEntry[]> {
  return Promise.all((await subkeysOf(`${RECORD}\\Status`)).map(readEntry));
}

/** Runs a command inside an agent; the test of a registration starts it like a user. */
function cliIn(program: Agent, args: readonly string[]): Promise<CliResult> {
  return runCliInAgent(testLab, program, testLab.folder, ["cloud", ...args]);
}

function cli(...args: readonly string[]): Promise<CliResult> {
  return cliIn(agent, args);
}

/** Writes a description to the commands' working folder, and returns its name. */
function describeIn(name: string, description: unknown): string {
  writeFileSync(join(testLab.folder, name), JSON.stringify(description));
  return name;
}

// On Windows, the lab is the machine, whose system folder must not get a test DLL.
describe.skipIf(process.platform === "win32")("a cloud backup provider", () => {
  beforeAll(async () => {
    testLab = makeTestLab();
    [agent, unelevated] = await Promise.all([
      startAgent(testLab.lab),
      startAgent(testLab.lab, "unelevated"),
    ]);
    describeIn("provider.json", provider);
    describeIn("other.json", { ...provider, snapinId: OTHER_SNAP_IN });
  });

  afterAll(async () => {
    await Promise.all([agent.end(), unelevated.end()]);
    await testLab.remove();
  });

  // The order of these tests matters: first without the DLL, then without the snap-in.

  it("gets the code of a missing WsbOnline.dll from every function", async () => {
    const missing = { hresult: 0x8007007e, api: "LoadLibraryExW" };
    await expect(agent.binding.registerCloudProvider(provider)).rejects.toMatchObject(missing);
    await expect(agent.binding.deregisterCloudProvider(SNAP_IN)).rejects.toMatchObject(missing);
    await expect(agent.binding.updateCloudStatus(SNAP_IN, [])).rejects.toMatchObject(missing);
  });

  it("fails without WsbOnline.dll: exit code 1, with the name of the missing feature", async () => {
    const { code, stdout, stderr } = await cli("register", "--provider", "provider.json", "--json");
    expect(code).toBe(1);
    expect(stderr).toContain("Windows Server Backup of Windows Server 2012 or later");
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      error: { code: "ERR_WSB_WINDOWS_API", hresult: "0x8007007E", api: "LoadLibraryExW" },
    });
  });

  describe("with the substitute for WsbOnline.dll", () => {
    let consoleBefore: readonly string[];

    beforeAll(() => placeStandIn(testLab.lab));

    it("gets the code and the name of a function that refuses", async () => {
      await expect(agent.binding.registerCloudProvider(provider)).rejects.toMatchObject({
        hresult: 0x80070002,
        api: "RegisterOnlineBackupWithWindowsServerBackup",
      });
      await writeSnapInKeys(agent);
      consoleBefore = await dumpConsole();
    });

    it("is checked by a dry run without any call", async () => {
      const { code, stdout } = await cli(
        "register",
        "--provider",
        "provider.json",
        "--dry-run",
        "--json",
      );
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ ok: true, changed: false, provider });
      expect(await dumpConsole()).toEqual(consoleBefore);
      expect(await agent.binding.readRegistryKey(RECORD)).toBeNull();
    });

    it("is registered with every field unchanged", async () => {
      expect(await cli("verify", "--snapin-id", SNAP_IN)).toMatchObject({ code: 1 });
      const args = ["cloud", "register", "--provider", "provider.json", "--json"];
      const { code, stdout } = await runCli(testLab.labFolder, testLab.folder, args);
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        ok: true,
        changed: true,
        renewed: false,
        verification: { state: "registered", parent: { id: PARENT } },
      });
      const key = `${RECORD}\\Registration`;
      expect({
        snapinId: await readText(key, "SnapinId"),
        resourceDll: await readText(key, "ResourceDLL"),
        nameId: await readNumber(key, "ProviderName"),
        iconId: await readNumber(key, "ProviderIcon"),
        supportsRemoting: (await readNumber(key, "SupportsRemoting")) === 1,
      }).toEqual(provider);
      expect(await cli("verify", "--provider", "provider.json")).toMatchObject({ code: 0 });
    });

    it("may be registered again with other fields", async () => {
      const file = describeIn("again.json", { ...provider, supportsRemoting: false });
      const { code, stdout } = await cli("register", "--provider", file, "--json");
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ renewed: true });
      expect(await readNumber(`${RECORD}\\Registration`, "SupportsRemoting")).toBe(0);
    });

    it("prevents a second provider before the call, by name: exit code 3", async () => {
      const name = await readText(`${MMC}\\SnapIns\\${SNAP_IN}`, "NameString");
      expect(name).not.toBe("");
      const before = await dumpConsole();
      const { code, stderr } = await cli("register", "--provider", "other.json");
      expect(code).toBe(3);
      expect(stderr).toContain(name);
      expect(stderr).toContain(SNAP_IN);
      expect(await dumpConsole()).toEqual(before);
    });

    it("I: lets Windows prevent a second provider: exit code 3", async () => {
      const args = ["register", "--provider", "other.json", "--no-conflict-check", "--json"];
      const { code, stdout } = await cli(...args);
      expect(code).toBe(3);
      expect(JSON.parse(stdout)).toMatchObject({
        error: { code: "ERR_WSB_CONFLICT", hresult: "0x80850002" },
      });
    });

    it("gets a status with every field of five entries of five values", async () => {
      const texts = ["", "\u{1F4D2}", "a\uD83Db", "a\uDCD2b", `C:\\${"ä".repeat(29_997)}`];
      const entries = Array.from({ length: 5 }, (_, index) => ({
        iconId: index,
        nameId: 100 + index,
        valueId: 65_535 - index,
        values: texts.map((text, place) => ({ text: `${text}${index}`, type: place + 1 })),
      }));
      await agent.binding.updateCloudStatus(SNAP_IN, entries);
      expect(await readText(`${RECORD}\\Status`, "SnapinId")).toBe(SNAP_IN);
      expect(await readStatus()).toEqual(entries);
    });

    it("gets a status from a description, which replaces the previous one", async () => {
      const values = [
        { type: "string", value: "O'Brien & <Söhne> \u{1F4D2} \uD83D" },
        { type: "number", value: -5 },
        { type: "dateTime", value: "2025-03-30T01:30:00+02:00" },
        { type: "time", value: "01:30" },
        { type: "size", value: "18446744073709551615" },
      ];
      const entries = [
        { nameId: 1, valueId: 2, values },
        { iconId: 7, nameId: 3, valueId: 4 },
      ];
      const file = describeIn("status.json", { snapinId: SNAP_IN, entries });
      expect(await cli("update-status", "--status", file)).toMatchObject({ code: 0 });
      expect(await readStatus()).toEqual([
        {
          iconId: 0,
          nameId: 1,
          valueId: 2,
          values: [
            { type: 1, text: "O'Brien & <Söhne> \u{1F4D2} \uD83D" },
            { type: 2, text: "-5" },
            { type: 3, text: "2025-03-29T23:30:00Z" },
            { type: 4, text: "01:30:00" },
            { type: 5, text: "18446744073709551615" },
          ],
        },
        { iconId: 7, nameId: 3, valueId: 4, values: [] },
      ]);
    });

    it.each([
      ["provider", { ...provider, resourceDll: "C:\\windows\\system32\\no such.dll" }],
      ["status", { snapinId: SNAP_IN, entries: [] }],
    ])("is refused with exit code 2 for an invalid %s", async (kind, description) => {
      const before = await agent.dumpRegistry([MMC, RECORD]);
      const file = describeIn("bad.json", description);
      const command = kind === "provider" ? "register" : "update-status";
      const { code, stdout } = await cli(command, `--${kind}`, file, "--json");
      expect(code).toBe(2);
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: "ERR_WSB_INVALID_ARGUMENT" } });
      expect(await agent.dumpRegistry([MMC, RECORD])).toEqual(before);
    });

    it("is deregistered without a trace, also twice", async () => {
      const first = await cli("deregister", "--provider", "provider.json", "--json");
      expect(first.code).toBe(0);
      expect(JSON.parse(first.stdout)).toMatchObject({ ok: true, changed: true });
      expect(await dumpConsole()).toEqual(consoleBefore);

      const second = await cli("deregister", "--snapin-id", SNAP_IN.toLowerCase(), "--json");
      expect(second.code).toBe(0);
      expect(JSON.parse(second.stdout)).toMatchObject({ ok: true, changed: false });
    });

    it.each([
      ["register", "--provider", "provider.json"],
      ["deregister", "--snapin-id", SNAP_IN],
      ["update-status", "--status", "status.json"],
    ])("%s without administrator rights: exit code 5", async (...args) => {
      expect(await cliIn(unelevated, args)).toMatchObject({ code: 5 });
      expect(await dumpConsole()).toEqual(consoleBefore);
    });

    it("that is not registered has no status: exit code 1", async () => {
      const { code, stdout } = await cli("update-status", "--status", "status.json", "--json");
      expect(code).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({
        error: { hresult: "0x80070490", api: "UpdateOBStatusInWindowsServerBackup" },
      });
    });
  });
});
