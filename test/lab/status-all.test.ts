import { rmSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { writerKey } from "../../src/tools/registration/keys.ts";
import { runCli, runCliInAgent, type CliResult } from "../helpers/cli.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { installService } from "../helpers/lab/service.ts";
import { buildAddin, makeTestLab, type TestAddin, type TestLab } from "../helpers/lab/test-lab.ts";

const SERVICE = "ContosoAll";

let testLab: TestLab;
let agent: Agent;
let addins: readonly TestAddin[];

/** Runs a command in a folder without a manifest. */
function cli(...args: readonly string[]): Promise<CliResult> {
  return runCliInAgent(testLab, agent, testLab.folder, args);
}

interface Application {
  readonly writerId: string;
  readonly condition: string;
  readonly problems: readonly string[];
  readonly lastRestore?: { readonly verdict: string };
}

async function statusOfAll() {
  const { code, stdout } = await cli("status", "--all", "--json");
  const { applications }: { applications: readonly Application[] } = JSON.parse(stdout);
  return { code, applications };
}

beforeAll(async () => {
  testLab = makeTestLab();
  agent = await startAgent(testLab.lab);
  await installService(testLab, agent, SERVICE);
  addins = [
    await buildAddin(testLab, "probe.ts", { services: [SERVICE] }),
    await buildAddin(testLab, "probe.ts"),
  ];
});

afterAll(async () => {
  await agent.end();
  await testLab.remove();
});

// They remove and change registrations of the whole machine.
describe.skipIf(process.platform === "win32")("status --all", () => {
  it("without an application is done", async () => {
    const { code, applications } = await statusOfAll();
    expect({ code, applications }).toEqual({ code: 0, applications: [] });
  });

  it("lists every add-in with its last restore, without manifest or project", async () => {
    for (const { folder } of addins) {
      const { code, stderr } = await runCliInAgent(testLab, agent, folder, [
        "register",
        "--allow-writable-folder",
      ]);
      expect(code, stderr).toBe(0);
    }
    const [first] = addins;
    const args = ["simulate", "restore", "--component", "fine"];
    const simulated = await runCliInAgent(testLab, agent, first?.folder ?? "", args);
    expect(simulated.code, simulated.stdout).toBe(0);
    const { code, applications } = await statusOfAll();
    expect(code, JSON.stringify(applications)).toBe(0);
    expect(applications).toHaveLength(2);
    const restored = applications.find(({ writerId }) => writerId === first?.writerId);
    expect(restored).toMatchObject({
      condition: "as written",
      lastRestore: { verdict: "completed" },
    });
    const text = await runCli(testLab.labFolder, testLab.folder, ["status", "--all"]);
    expect(text.code).toBe(0);
    expect(text.stdout).toMatch(/Last restore .*: Completed\./u);
    expect(text.stdout).toContain("No restore so far.");
  });

  it("compares one without a record with the manifest beside its server, as after a package", async () => {
    const { lab } = testLab;
    if (lab.kind !== "wine") throw new Error("this test removes the records of the lab");
    rmSync(join(lab.prefix, "drive_c/ProgramData/wsb-addin/registrations"), { recursive: true });
    const { code, applications } = await statusOfAll();
    expect(code, JSON.stringify(applications)).toBe(0);
    expect(applications.map(({ condition }) => condition)).toEqual(["as written", "as written"]);
  });

  it("exits with the worst", async () => {
    const [first] = addins;
    const key = writerKey(first?.writerId ?? "");
    await agent.binding.deleteRegistryValue(key, "CLSID");
    await agent.binding.createRegistryKey(key);
    const wrong = new Uint8Array(Buffer.from("Wrong\0", "utf16le"));
    const command = `SOFTWARE\\Classes\\CLSID\\${addins[1]?.clsid ?? ""}`;
    await agent.binding.writeRegistryValue(command, "", 1, wrong);
    const { code, applications } = await statusOfAll();
    expect(code).toBe(1);
    const second = applications.find(({ writerId }) => writerId === addins[1]?.writerId);
    expect(second?.condition).toBe("differs");
    expect(second?.problems.length).toBeGreaterThan(0);
  });

  it("refuses a writer besides", async () => {
    const { code } = await cli("status", "--all", "--writer-id", addins[0]?.writerId ?? "");
    expect(code).toBe(2);
  });
});
