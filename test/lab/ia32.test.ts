import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { fromWindowsPath, toWindowsPath } from "../../src/tools/lab/paths.ts";
import { runInLab } from "../../src/tools/lab/run.ts";
import { linkOrCopy } from "../../src/tools/lab/link.ts";
import { repository } from "../generator/generator.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import type { CliResult } from "../helpers/cli.ts";
import { fetchNodeX86, hasIa32 } from "../helpers/lab/node-x86.ts";
import { buildAddin, makeTestLab, type TestAddin, type TestLab } from "../helpers/lab/test-lab.ts";

// The folder of Node.js' 32-bit installer.
const NODE_X86 = "C:\\Program Files (x86)\\nodejs\\node.exe";

let testLab: TestLab;
let nodeX86: string;
/** Runs a program in a 64-bit and in a 32-bit node.exe. */
let agent: Agent;
let agentX86: Agent;
let addin: TestAddin;

function dump(one: Agent): Promise<readonly string[]> {
  return one.dumpRegistry([
    "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\WindowsServerBackup",
    "SOFTWARE\\Classes\\AppID",
    `SOFTWARE\\Classes\\CLSID\\${addin.clsid}`,
  ]);
}

/** Runs the built command line in the 32-bit node.exe. */
async function cli(...args: readonly string[]): Promise<CliResult> {
  const output = { stdout: "", stderr: "" };
  const main = toWindowsPath(testLab.lab, join(repository, "dist/cli/main.js"));
  const code = await runInLab(testLab.lab, nodeX86, [main, ...args], {
    cwd: addin.folder,
    onStdout: (text) => {
      output.stdout += text;
    },
    onStderr: (text) => {
      output.stderr += text;
    },
  });
  return { code, ...output };
}

// Wine runs 32-bit programs with Debian's package wine32:i386, which setup does not install.
describe.runIf(hasIa32)("a 32-bit node.exe", () => {
  beforeAll(async () => {
    const fetched = fetchNodeX86();
    testLab = makeTestLab();
    const { lab } = testLab;
    nodeX86 = lab.kind === "wine" ? NODE_X86 : fetched;
    if (lab.kind === "wine") linkOrCopy(fetched, fromWindowsPath(lab, NODE_X86));
    [agent, agentX86, addin] = await Promise.all([
      startAgent(lab),
      startAgent({ ...lab, nodeExe: nodeX86 }),
      buildAddin(testLab, "probe.ts"),
    ]);
  });

  afterAll(async () => {
    await Promise.all([agent.end(), agentX86.end()]);
    await testLab.remove();
  });

  it("registers the 64-bit node.exe in the 64-bit view like that does, and removes it", async () => {
    const before = await dump(agent);
    await agent.register(addin.manifestFile, addin.serverScript);
    const registered = await dump(agent);
    await agent.unregister(addin.writerId);

    const { code, stdout, stderr } = await cli("register");
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: "" });
    expect(await dump(agent)).toEqual(registered);
    expect(await dump(agentX86)).toEqual(registered);
    const redirected = `SOFTWARE\\Wow6432Node\\Classes\\CLSID\\${addin.clsid}`;
    expect(await agent.binding.readRegistryKey(redirected)).toBeNull();
    expect(await cli("status")).toMatchObject({ code: 0, stderr: "" });

    expect(await cli("unregister")).toMatchObject({ code: 0, stderr: "" });
    expect(await dump(agent)).toEqual(before);
  });

  it("is refused as the server: exit code 2", async () => {
    const { code, stderr } = await cli("register", "--node", nodeX86);
    expect(code).toBe(2);
    expect(stderr).toContain("64-bit");
  });

  it("cannot simulate Windows Server Backup, and says which node.exe can", async () => {
    const { code, stderr } = await cli("simulate", "restore", "--component", "one");
    expect(code).toBe(1);
    expect(stderr).toContain(`"${testLab.lab.nodeExe}"`);
    expect(stderr).toContain('"simulate" "restore" "--component" "one"');
  });

  it("cannot call WsbOnline.dll, and says why", async () => {
    const provider = join(addin.folder, "provider.json");
    const resourceDll = "C:\\windows\\system32\\user32.dll";
    const snapinId = addin.clsid;
    writeFileSync(provider, JSON.stringify({ snapinId, resourceDll, nameId: 2, iconId: 1 }));
    const { code, stderr } = await cli("cloud", "register", "--provider", "provider.json");
    expect(code).toBe(1);
    expect(stderr).toContain("64-bit node.exe");
  });

  it("exports the registration", async () => {
    const { code, stdout } = await cli("export", "--format", "bat");
    expect(code).toBe(0);
    expect(stdout).toContain(addin.clsid);
  });

  it("sees services, drives and permissions like the 64-bit node.exe", async () => {
    const both = [agent.binding, agentX86.binding];
    const same = async (ask: (binding: Agent["binding"]) => Promise<unknown>): Promise<void> => {
      const [wide, narrow] = await Promise.all(both.map(ask));
      expect(wide).toBeDefined();
      expect(narrow).toEqual(wide);
    };
    await same((binding) => binding.queryService("RpcSs"));
    await same((binding) => binding.listServiceDependencies());
    await same((binding) => binding.driveType("C:\\"));
    await same((binding) => binding.isElevated());
    await same((binding) => binding.accountName("S-1-5-32-544"));
    await same((binding) => binding.readFileSecurity(addin.serverScript));
    const key = `SOFTWARE\\Classes\\AppID\\${addin.appId}`;
    await agent.register(addin.manifestFile, addin.serverScript);
    const value = await agentX86.binding.readRegistryValue(key, "LaunchPermission");
    await same((binding) => binding.describeSecurity(value?.data ?? new Uint8Array()));
    await agent.unregister(addin.writerId);
  });

  it("waits for other registrations", async () => {
    const file = toWindowsPath(testLab.lab, join(testLab.folder, "a.lock"));
    expect(await agentX86.binding.lockFile(file, new Uint8Array(1), 1000)).not.toBeNull();
    expect(await agent.binding.lockFile(file, new Uint8Array(1), 50)).toBeNull();
  });

  it("cannot serve an add-in, and reports it", async () => {
    const stderr: string[] = [];
    const code = await runInLab(testLab.lab, nodeX86, [addin.serverScript, "-Embedding"], {
      onStderr: (text) => stderr.push(text),
    });
    expect(code).not.toBe(0);
    expect(stderr.join("")).toContain("64-bit node.exe");
  });
});
