import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { HRESULT } from "../../src/base/hresult.ts";
import { toWindowsPath } from "../../src/tools/lab/paths.ts";
import { runInLab } from "../../src/tools/lab/run.ts";
import { MANIFEST_FILE } from "../../src/runtime/manifest/manifest.ts";
import { programFiles } from "../../src/tools/registration/addin-files.ts";
import {
  accessPermission,
  launchPermission,
} from "../../src/runtime/manifest/security-descriptor.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { decodeDescriptor } from "../helpers/decode-descriptor.ts";
import {
  buildAddin,
  borrowTestLab,
  type TestAddin,
  type TestLab,
} from "../helpers/lab/test-lab.ts";

const SYSTEM = "S-1-5-18";
const ADMINISTRATORS = "S-1-5-32-544";
const SERVER_OPERATORS = "S-1-5-32-549";
const EVERYONE = "S-1-1-0";

let testLab: TestLab;
let agent: Agent;

beforeAll(async () => {
  testLab = borrowTestLab();
  agent = await startAgent(testLab.lab);
});

afterAll(async () => {
  await agent.end();
  await testLab.remove();
});

describe("the security of a registered add-in", () => {
  const allow = [SYSTEM, ADMINISTRATORS, SERVER_OPERATORS];
  let addin: TestAddin;

  async function readPermission(name: string): Promise<Uint8Array> {
    const appId = `SOFTWARE\\Classes\\AppID\\${addin.appId}`;
    const value = await agent.binding.readRegistryValue(appId, name);
    expect(value?.type).toBe(3); // REG_BINARY
    return value?.data ?? new Uint8Array();
  }

  beforeAll(async () => {
    addin = await buildAddin(testLab, "probe.ts", { security: { allow } });
    await agent.register(addin.manifestFile, addin.serverScript);
  });

  it.each([
    ["LaunchPermission", 0x0b, "CCDCSW"],
    ["AccessPermission", 0x03, "CCDC"],
  ])("is in the registry in Windows' form: %s", async (name, mask, rights) => {
    const bytes = await readPermission(name);
    expect(decodeDescriptor(bytes)).toMatchObject({
      owner: ADMINISTRATORS,
      group: ADMINISTRATORS,
      entries: allow.map((sid) => ({ type: 0, flags: 0, mask, sid })),
    });
    expect(await agent.binding.describeSecurity(bytes)).toBe(
      `O:BAG:BAD:${["SY", "BA", "SO"].map((account) => `(A;;${rights};;;${account})`).join("")}`,
    );
  });

  it("lets an administrator activate it and call it", async () => {
    const { hresult, value } = await agent.binding.activate(addin.clsid);
    expect(hresult).toBe(HRESULT.S_OK);
    expect(await value?.isRollForwardSupported()).toMatchObject({ hresult: HRESULT.S_OK });
    await value?.release();
  });
});

describe("an invalid security descriptor", () => {
  const whole = launchPermission([SYSTEM]);
  const changed = (at: number, value: number): Uint8Array => {
    const bytes = Uint8Array.from(whole);
    bytes[at] = value;
    return bytes;
  };

  it.each([
    ["nothing", new Uint8Array()],
    ["a header alone", whole.slice(0, 20)],
    ["truncated bytes", whole.slice(0, -1)],
    ["another revision", changed(0, 2)],
    ["an absolute descriptor", changed(3, 0)],
    ["an owner beyond the end", changed(4, 0xfc)],
    ["an owner in the header", changed(4, 4)],
    ["a list longer than the bytes", changed(22, 0xff)],
    ["an entry longer than the list", changed(30, 0xff)],
  ])("is not described: %s", async (_, bytes) => {
    expect(await agent.binding.describeSecurity(bytes)).toBeNull();
  });

  it("is refused for serving, and a valid one is accepted", async () => {
    const shim = fileURLToPath(
      new URL("../../prebuilds/win32-x64/wsb-addin.node", import.meta.url),
    );
    const script = join(testLab.folder, "serve.mjs");
    const descriptors = [whole.slice(0, 20), accessPermission([SYSTEM, ADMINISTRATORS])];
    writeFileSync(
      script,
      `import { createRequire } from "node:module";
const { startServer } = createRequire(import.meta.url)(${JSON.stringify(toWindowsPath(testLab.lab, shim))});
const limitsMs = { preRestore: 1, postRestore: 1, orderComponents: 1, isRollForwardSupported: 1, checkConsistency: 1 };
for (const accessDescriptor of [undefined, ...${JSON.stringify(descriptors.map((one) => Array.from(one)))}.map((one) => new Uint8Array(one))]) {
  try {
    startServer({
      clsid: "{5B6A2C1E-0D6B-4F0B-9B54-0C1B6B0D7A11}",
      interfaces: { restore: true, backup: false },
      accessDescriptor, script: process.argv[1], lingerMs: 0, limitsMs, onEvent: () => {},
    }).stop();
    console.log("served");
  } catch (error) {
    console.log(error.api ?? error.message);
  }
}
`,
    );
    let output = "";
    await runInLab(testLab.lab, testLab.lab.nodeExe, [toWindowsPath(testLab.lab, script)], {
      onStdout: (text) => {
        output += text;
      },
    });
    expect(output.trim().split(/\r?\n/u)).toEqual([
      "accessDescriptor must be a Uint8Array.",
      "IsValidSecurityDescriptor",
      "served",
    ]);
  });
});

describe("accounts and drives", () => {
  it("returns the name of an account, or null", async () => {
    expect(await agent.binding.accountName(SYSTEM)).toMatch(/\\/u);
    expect(await agent.binding.accountName("S-1-5-21-1-2-3-4")).toBeNull();
    await expect(agent.binding.accountName("Users")).rejects.toMatchObject({
      api: "ConvertStringSidToSidW",
    });
  });

  it("distinguishes an existing from a missing drive", async () => {
    expect(await agent.binding.driveType("C:\\")).toBe("fixed");
    expect(await agent.binding.driveType("Q:\\")).toBe("missing");
  });

  it("tells whether it runs on Wine", async () => {
    expect(await agent.binding.isWine()).toBe(testLab.lab.kind === "wine");
  });

  it("returns null for the security of a missing file", async () => {
    const nowhere = toWindowsPath(testLab.lab, join(testLab.folder, "nowhere", "file"));
    expect(await agent.binding.readFileSecurity(nowhere)).toBeNull();
    expect(await agent.binding.readFileSecurity("C:\\")).toMatchObject({
      owner: expect.stringMatching(/^S-1-/u),
      entries: expect.arrayContaining([
        { kind: "allow", sid: SYSTEM, mask: 0x1f01ff, flags: expect.any(Number) },
      ]),
    });
  });
});

// Wine derives a file's security from its Unix mode. On Windows, tables test the same.
describe.runIf(process.platform !== "win32")("write access of others", () => {
  let folder: string;
  let file: string;

  function find(): ReturnType<Agent["findWritablePaths"]> {
    return agent.findWritablePaths([toWindowsPath(testLab.lab, file)]);
  }

  beforeAll(() => {
    folder = join(testLab.folder, "install");
    mkdirSync(join(folder, "dist"), { recursive: true });
    file = join(folder, "dist", "server.js");
    writeFileSync(file, "");
  });

  it("does not exist for a built add-in and for the lab's node.exe", async () => {
    const { serverScript } = await buildAddin(testLab, "probe.ts");
    const files = programFiles({ nodeExe: testLab.lab.nodeExe, serverScript });
    expect(files.map((one) => one.split("\\").at(-1))).toContain(MANIFEST_FILE);
    expect(await agent.findWritablePaths(files)).toEqual([]);
  });

  it.each([
    ["the file", () => file, 0o666, "write to it"],
    ["its folder", () => join(folder, "dist"), 0o777, "add files to it"],
    ["a folder above", () => folder, 0o777, "delete and rename it"],
  ])("is found, and no longer after it was removed: %s", async (_, place, mode, right) => {
    const closed = mode & 0o755;
    chmodSync(place(), mode);
    const found = await find();
    chmodSync(place(), closed);
    expect(found).toMatchObject([
      { path: toWindowsPath(testLab.lab, place()), sid: EVERYONE, name: "Everyone" },
    ]);
    expect(found[0]?.rights).toContain(right);
    expect(await find()).toEqual([]);
  });

  it("is found behind a link", async () => {
    const link = join(testLab.folder, "link");
    symlinkSync(folder, link);
    chmodSync(folder, 0o777);
    const through = toWindowsPath(testLab.lab, join(link, "dist", "server.js"));
    const found = await agent.findWritablePaths([through]);
    chmodSync(folder, 0o755);
    expect(found.map(({ path }) => path)).toContain(toWindowsPath(testLab.lab, folder));
  });
});
