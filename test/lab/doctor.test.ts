import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { IID } from "../../src/base/interface-ids.ts";
import { parseWriters } from "../../src/base/vss-writers.ts";
import { APPLICATION_SUPPORT, writerKey } from "../../src/tools/registration/keys.ts";
import { toWindowsPath } from "../../src/tools/lab/paths.ts";
import { runInLab } from "../../src/tools/lab/run.ts";
import { runCli, runCliInAgent, type CliResult } from "../helpers/cli.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { labProgram } from "../helpers/lab/lab-programs.ts";
import { installService } from "../helpers/lab/service.ts";
import { buildAddin, makeTestLab, type TestAddin, type TestLab } from "../helpers/lab/test-lab.ts";

const SERVICE = "ContosoDoctor";
const OTHER = "{11111111-1111-4111-8111-111111111111}";
const MARSHALLING = `SOFTWARE\\Classes\\Interface\\${IID.async}\\ProxyStubClsid32`;

let testLab: TestLab;
let agent: Agent;
let unelevated: Agent;
let addin: TestAddin;

/** What doctor says, by the id of the check. */
interface Diagnosis {
  readonly code: number;
  readonly verdicts: Readonly<Record<string, string>>;
  readonly found: Readonly<Record<string, string>>;
}

function read(code: number, stdout: string): Diagnosis {
  const { checks }: { checks: readonly { id: string; verdict: string; found: string }[] } =
    JSON.parse(stdout);
  return {
    code,
    verdicts: Object.fromEntries(checks.map(({ id, verdict }) => [id, verdict])),
    found: Object.fromEntries(checks.map(({ id, found }) => [id, found])),
  };
}

async function diagnose(...args: readonly string[]): Promise<Diagnosis> {
  const all = ["doctor", "--json", ...args];
  const { code, stdout, stderr } = await runCliInAgent(testLab, agent, addin.folder, all);
  expect(stdout, stderr).not.toBe("");
  return read(code, stdout);
}

async function writeText(key: string, name: string, type: number, text: string): Promise<void> {
  await agent.binding.createRegistryKey(key);
  const data = new Uint8Array(Buffer.from(`${text}\0`, "utf16le"));
  await agent.binding.writeRegistryValue(key, name, type, data);
}

/** What somebody did to the machine, and the check that finds it. */
interface Fault {
  readonly what: string;
  readonly id: string;
  readonly verdict: "warn" | "fail";
  /** A part of what the check says. */
  readonly says: string;
  /** Does it, and returns how it is undone. */
  readonly plant: () => Promise<() => Promise<unknown>>;
  readonly args?: readonly string[];
}

/** Writes a value, and returns how the one before comes back. */
async function plantValue(
  key: string,
  name: string,
  type: number,
  text: string,
): Promise<() => Promise<unknown>> {
  const before = await agent.binding.readRegistryValue(key, name);
  await writeText(key, name, type, text);
  return before === null
    ? () => agent.binding.deleteRegistryValue(key, name)
    : () => agent.binding.writeRegistryValue(key, name, before.type, before.data);
}

/** Runs a command of the add-in. */
async function run(...args: readonly string[]): Promise<CliResult> {
  return runCliInAgent(testLab, agent, addin.folder, args);
}

const REG_SZ = 1;
const REG_MULTI_SZ = 7;

const faults: readonly Fault[] = [
  {
    what: "an administrator disabled the application's service",
    id: "services",
    verdict: "fail",
    says: `${SERVICE} is disabled`,
    async plant() {
      await agent.binding.setServiceStartType(SERVICE, "disabled", false);
      return () => agent.binding.setServiceStartType(SERVICE, "manual", false);
    },
  },
  {
    what: "a service of the manifest does not exist",
    id: "services",
    verdict: "fail",
    says: "ContosoGone does not exist",
    async plant() {
      const file = join(addin.folder, "dist", "wsb-addin.json");
      const before = readFileSync(file, "utf8");
      writeFileSync(file, before.replace(SERVICE, "ContosoGone"));
      return async () => writeFileSync(file, before);
    },
  },
  {
    what: "the start-up task was removed",
    id: "boot-task",
    verdict: "warn",
    says: "no start-up task",
    async plant() {
      expect((await run("boot-recovery", "off")).code).toBe(0);
      return () => run("boot-recovery", "on");
    },
  },
  {
    what: "a group policy keeps SYSTEM out of COM",
    id: "com-permissions",
    verdict: "fail",
    says: "MachineLaunchRestriction",
    plant: () =>
      plantValue(
        "SOFTWARE\\Policies\\Microsoft\\Windows NT\\DCOM",
        "MachineLaunchRestriction",
        REG_SZ,
        "O:BAG:BAD:(A;;CCDCLCSWRP;;;S-1-5-21-1-2-3-500)",
      ),
  },
  {
    what: "the add-in's Node.js is no Windows program",
    id: "node",
    verdict: "fail",
    says: "no Windows program",
    plant: () => plantProgram(addin.serverScript),
  },
  {
    what: "the add-in's Node.js is gone",
    id: "guardian",
    verdict: "fail",
    says: "missing",
    plant: () => plantProgram("C:\\gone\\node.exe"),
  },
  {
    what: "another writer has the identifier in a REG_MULTI_SZ",
    id: "identifier",
    verdict: "fail",
    says: OTHER,
    async plant() {
      const texts = `Other\0Test ${addin.writerId}\0`;
      await writeText(writerKey(OTHER), "Application Identifier", REG_MULTI_SZ, texts);
      return () => agent.binding.deleteRegistryKey(writerKey(OTHER));
    },
  },
  {
    what: "a component's files are on a share",
    id: "volumes",
    verdict: "fail",
    says: "no local disk",
    async plant() {
      const document = `<WRITER_METADATA xmlns="x-schema:#VssWriterMetadataInfo"><BACKUP_LOCATIONS><FILE_GROUP componentName="a"><FILE_LIST path="\\\\server\\share" filespec="*"/></FILE_GROUP></BACKUP_LOCATIONS></WRITER_METADATA>`;
      writeFileSync(join(addin.folder, "metadata.xml"), document);
      return async () => rmSync(join(addin.folder, "metadata.xml"));
    },
    args: ["--metadata", "metadata.xml"],
  },
  {
    what: "the last consistency check failed",
    id: "consistency",
    verdict: "warn",
    says: "throw:page 7 is torn",
    async plant() {
      const check = ["simulate", "backup", "--poll", "10", "--component"];
      expect((await run(...check, "throw:page 7 is torn")).code).toBe(1);
      return () => run(...check, "fine");
    },
  },
];

/** Registers another program than the add-in's own. */
function plantProgram(program: string): Promise<() => Promise<unknown>> {
  const key = `SOFTWARE\\Classes\\CLSID\\${addin.clsid}\\LocalServer32`;
  return plantValue(key, "", REG_SZ, `"${program}" "${addin.serverScript}"`);
}

beforeAll(async () => {
  testLab = makeTestLab();
  [agent, unelevated, addin] = await Promise.all([
    startAgent(testLab.lab),
    startAgent(testLab.lab, "unelevated"),
    buildAddin(testLab, "probe.ts", { services: [SERVICE] }),
  ]);
  await installService(testLab, agent, SERVICE);
});

afterAll(async () => {
  await Promise.all([agent.end(), unelevated.end()]);
  await testLab.remove();
});

// They take away what the lab put there; a real Windows has more to check.
describe.skipIf(process.platform === "win32")("doctor in the lab", () => {
  it("before a registration, says so and goes on", async () => {
    const { code, verdicts } = await diagnose();
    expect(code).toBe(1);
    expect(verdicts).toMatchObject({ registration: "fail", "proxy-stub": "ok", services: "ok" });
  });

  it("on a sound machine finds nothing but the lab's own gaps", async () => {
    const args = ["register", "--allow-writable-folder", "--json"];
    const registered = await runCli(testLab.labFolder, addin.folder, args);
    expect(registered.code, registered.stderr).toBe(0);
    const { code, stdout } = await runCli(testLab.labFolder, addin.folder, ["doctor", "--json"]);
    const { verdicts, found } = read(code, stdout);
    expect(verdicts, JSON.stringify(found, undefined, 1)).toEqual({
      "backup-feature": "not applicable",
      "vss-services": "not applicable",
      "com-permissions": "ok",
      "vss-writers": "not applicable",
      "proxy-stub": "ok",
      registration: "ok",
      identifier: "ok",
      "writer-stable": "not applicable",
      "writer-instances": "not applicable",
      backups: "not applicable",
      "component-files": "not applicable",
      volumes: "not applicable",
      folders: expect.stringMatching(/^(?:ok|warn)$/u),
      node: "ok",
      services: "ok",
      "boot-task": "ok",
      guardian: "ok",
      session: "ok",
      consistency: "not applicable",
      activation: "ok",
    });
  });

  it("needs no manifest: it finds the add-in on the machine", async () => {
    const { code, stdout } = await runCliInAgent(testLab, agent, testLab.folder, [
      "doctor",
      "--json",
    ]);
    const { applications }: { applications: readonly { writerId: string }[] } = JSON.parse(stdout);
    expect(applications.map(({ writerId }) => writerId)).toEqual([addin.writerId]);
    expect(read(code, stdout).verdicts["activation"]).toBe("ok");
  });

  it("without an elevated prompt exits with 5, and says what cannot be seen", async () => {
    const args = ["doctor", "--json"];
    const { code, stdout } = await runCliInAgent(testLab, unelevated, addin.folder, args);
    const { verdicts, found } = read(code, stdout);
    expect(verdicts, JSON.stringify(found, undefined, 1)).toMatchObject({
      registration: "unknown",
      session: "unknown",
      activation: "unknown",
      identifier: "ok",
      services: "ok",
    });
    expect(code).toBe(5);
  });

  it("finds what was planted, each with its own check", async () => {
    const name = `Test ${addin.writerId}`;
    // REG_EXPAND_SZ
    await writeText(writerKey(OTHER), "Application Identifier", 2, name);
    await agent.binding.createRegistryKey(`${writerKey(addin.writerId)}\\CLSID`);
    const marshalling = await agent.binding.readRegistryValue(MARSHALLING, "");
    await agent.binding.deleteRegistryValue(MARSHALLING, "");
    const script = join(addin.folder, "dist", "server.js");
    const whole = readFileSync(script);
    writeFileSync(script, "function (");
    const shim = join(addin.folder, "dist", "wsb-addin.node");
    renameSync(shim, `${shim}.aside`);
    try {
      const { code, verdicts, found } = await diagnose();
      expect(code).toBe(1);
      expect(verdicts, JSON.stringify(found, undefined, 1)).toMatchObject({
        identifier: "fail",
        registration: "fail",
        "proxy-stub": "fail",
        folders: "fail",
        guardian: "fail",
        activation: "fail",
        node: "ok",
        session: "ok",
      });
      expect(found["identifier"]).toContain(OTHER);
      expect(found["registration"]).toContain("subkey CLSID");
      expect(found["proxy-stub"]).toContain("IWsbApplicationAsync");
      expect(found["folders"]).toContain("wsb-addin.node is missing");
      expect(found["guardian"]).toContain("SyntaxError");
    } finally {
      writeFileSync(script, whole);
      renameSync(`${shim}.aside`, shim);
      await agent.binding.deleteRegistryKey(writerKey(OTHER));
      await agent.binding.deleteRegistryKey(`${writerKey(addin.writerId)}\\CLSID`);
      if (marshalling !== null) {
        const { type, data } = marshalling;
        await agent.binding.writeRegistryValue(MARSHALLING, "", type, data);
      }
    }
  });

  it.each(faults.map((fault) => [fault.what, fault] as const))(
    "finds that %s",
    async (_, fault) => {
      const { id, verdict, says, plant, args = [] } = fault;
      const undo = await plant();
      try {
        const { code, verdicts, found } = await diagnose(...args);
        expect(verdicts[id], JSON.stringify(found, undefined, 1)).toBe(verdict);
        expect(found[id]).toContain(says);
        expect(code).toBe(1);
      } finally {
        await undo();
      }
    },
  );

  it("has no schedule to compare with files on a local disk", async () => {
    const document = `<WRITER_METADATA xmlns="x-schema:#VssWriterMetadataInfo"><BACKUP_LOCATIONS><FILE_GROUP componentName="a"><FILE_LIST path="C:\\windows" filespec="*"/></FILE_GROUP></BACKUP_LOCATIONS></WRITER_METADATA>`;
    writeFileSync(join(addin.folder, "local.xml"), document);
    const { verdicts, found } = await diagnose("--metadata", "local.xml");
    expect(verdicts["volumes"], found["volumes"]).toBe("ok");
  });

  it("times no start of an add-in that runs already, and says so", async () => {
    const { value } = await agent.binding.activate(addin.clsid);
    const { verdicts, found } = await diagnose();
    await value?.release();
    expect(verdicts["activation"]).toBe("ok");
    expect(found["activation"]).toContain("It ran already");
  });

  it("changes nothing", async () => {
    const keys = [APPLICATION_SUPPORT, "SOFTWARE\\wsb-addin"];
    const before = await agent.dumpRegistry(keys);
    await diagnose();
    expect(await agent.dumpRegistry(keys)).toEqual(before);
  });
});

async function listWriters(file: string, exitCode: number): Promise<unknown> {
  const { lab, folder } = testLab;
  const windows = mkdtempSync(join(folder, "windows-"));
  const fixture = fileURLToPath(new URL(`../fixtures/vssadmin/${file}`, import.meta.url));
  const paths = [labProgram("list-writers"), windows, fixture];
  let output = "";
  const keep = (text: string): void => {
    output += text;
  };
  const args = [...paths.map((path) => toWindowsPath(lab, path)), String(exitCode)];
  const code = await runInLab(lab, lab.nodeExe, args, { onStdout: keep, onStderr: keep });
  expect(code, output).toBe(0);
  return JSON.parse(output);
}

describe("a program that stands in for vssadmin.exe", () => {
  it("is read in its code page", async () => {
    expect(await listWriters("de-cp850.txt", 0)).toMatchObject([{ name: "Contoso Bücher Writer" }]);
  });

  it("that fails is cited in its code page", async () => {
    expect(await listWriters("de-cp850.txt", 2)).toMatchObject({
      code: "ERR_WSB_PROGRAM",
      message: expect.stringContaining("Contoso Bücher Writer"),
    });
  });
});

describe("the output of a console program", () => {
  it("is decoded by Windows with its code page", async () => {
    for (const language of ["de", "fr"]) {
      const [encoded, plain] = ["cp850", "utf8"].map((form) =>
        readFileSync(new URL(`../fixtures/vssadmin/${language}-${form}.txt`, import.meta.url)),
      );
      const text = await agent.binding.decodeText(850, new Uint8Array(encoded ?? []));
      expect(parseWriters(text)).toEqual(parseWriters(String(plain)));
    }
  });

  it("of a code page that Windows does not have is refused", async () => {
    await expect(agent.binding.decodeText(12_345, new Uint8Array([65]))).rejects.toMatchObject({
      api: "MultiByteToWideChar",
    });
  });

  it("that is empty is an empty text", async () => {
    expect(await agent.binding.decodeText(850, new Uint8Array())).toBe("");
  });

  it("has the code page of a console, or the machine's", async () => {
    const { console, oem } = await agent.binding.codePages();
    expect([console, oem].every((page) => Number.isInteger(page) && page >= 0)).toBe(true);
    expect(oem).toBeGreaterThan(0);
  });
});
