import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { ABILITIES } from "../../src/tools/lab/abilities.ts";
import { askAbilities } from "../../src/tools/lab/ask-abilities.ts";
import type { WineLab } from "../../src/tools/lab/lab.ts";
import { toWindowsPath } from "../../src/tools/lab/paths.ts";
import { endLabProcesses, processesWith } from "../../src/tools/lab/processes.ts";
import { runInLab } from "../../src/tools/lab/run.ts";
import { readStamp, writeStamp } from "../../src/tools/lab/stamp.ts";
import { serverLifetime, wineEnvironment, wineCommand } from "../../src/tools/lab/wine.ts";
import { runCli, runCliInAgent, type CliResult } from "../helpers/cli.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { probeCalls } from "../helpers/lab/probe.ts";
import { buildAddin, makeTestLab, type TestAddin, type TestLab } from "../helpers/lab/test-lab.ts";

let testLab: TestLab;

function cli(args: readonly string[]): Promise<CliResult> {
  return runCli(testLab.labFolder, testLab.folder, args);
}

function dataFile(): string {
  return join(testLab.folder, "ledger.dat");
}

function lab(): WineLab {
  if (testLab.lab.kind !== "wine") throw new Error("this is Windows");
  return testLab.lab;
}

function servers(): readonly number[] {
  return processesWith("WINEPREFIX", lab().prefix)
    .filter(({ commandLine }) => /wineserver/u.test(commandLine))
    .map(({ pid }) => pid);
}

beforeAll(() => {
  testLab = makeTestLab();
});

afterAll(() => testLab.remove());

describe("the lab's stand-in service", () => {
  it("is installed and started by one command, and holds its file open", async () => {
    const { code, stdout } = await cli([
      "lab",
      "service",
      "add",
      "StandIn",
      "--data",
      dataFile(),
      "--json",
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, changed: true, name: "StandIn" });
    const { lab: windows } = testLab;
    const read = ["/c", "type", toWindowsPath(windows, dataFile())];
    expect(await runInLab(windows, "cmd.exe", read)).not.toBe(0);
    const listed = await cli(["lab", "service", "list", "--json"]);
    expect(JSON.parse(listed.stdout)).toMatchObject({
      services: [{ name: "StandIn", state: "RUNNING" }],
    });
    expect((await cli(["lab", "service", "remove", "StandIn"])).code).toBe(0);
  });

  it("is neither installed nor removed twice", async () => {
    const agent = await startAgent(testLab.lab);
    const run = (...args: readonly string[]): Promise<CliResult> =>
      runCliInAgent(testLab, agent, testLab.folder, ["lab", "service", ...args, "--json"]);
    const changes: unknown[] = [];
    for (const action of ["add", "add", "remove", "remove"]) {
      const { code, stdout } = await run(action, "Twice");
      expect(code, stdout).toBe(0);
      changes.push(JSON.parse(stdout).changed);
    }
    expect(changes).toEqual([true, false, true, false]);
    await agent.end();
  });

  it("never takes the place of another program's service", async () => {
    const agent = await startAgent(testLab.lab);
    for (const action of ["add", "remove"]) {
      const args = ["lab", "service", action, "Schedule", "--json"];
      const { code, stdout } = await runCliInAgent(testLab, agent, testLab.folder, args);
      expect(code).toBe(3);
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: "ERR_WSB_CONFLICT" } });
    }
    await agent.end();
  });
});

describe("an activation", () => {
  let agent: Agent;
  let addin: TestAddin;

  const restore = ["simulate", "restore", "--json", "--component", "Contoso\\one"];

  beforeAll(async () => {
    [agent, addin] = await Promise.all([
      startAgent(testLab.lab),
      buildAddin(testLab, "probe.ts", { lingerMs: 60_000, services: ["Healed"] }),
    ]);
    await agent.register(addin.manifestFile, addin.serverScript);
    await runCliInAgent(testLab, agent, addin.folder, ["lab", "service", "add", "Healed"]);
  });

  afterAll(async () => {
    await runCliInAgent(testLab, agent, addin.folder, ["lab", "service", "remove", "Healed"]);
    await agent.end();
  });

  it("after a killed server is tried again, and the task scheduler works as before", async () => {
    const first = await runCliInAgent(testLab, agent, addin.folder, restore);
    expect(first.code, first.stdout).toBe(0);
    const [{ pid } = { pid: 0 }] = probeCalls(addin);
    await agent.kill(pid);
    const second = await runCliInAgent(testLab, agent, addin.folder, restore);
    expect(second.code, second.stdout).toBe(0);
    const task = await runCliInAgent(testLab, agent, addin.folder, ["boot-recovery", "on"]);
    expect(task.code, task.stderr).toBe(0);
  });
});

/** Wine ends its services only on Linux, and only the lab's own can be ended for a test. */
describe.runIf(process.platform !== "win32")("lab up and lab restart", () => {
  it("start Wine again, which another program then does not end", async () => {
    await endLabProcesses(lab());
    expect(serverLifetime(lab().prefix)).toBeUndefined();
    // Without pipes, which Wine's services would keep open.
    execFileSync(...wineCommand(["cmd", "/c", "exit"]), {
      env: wineEnvironment(lab().prefix),
      stdio: "ignore",
    });
    expect(serverLifetime(lab().prefix)).toBe("brief");
    expect((await cli(["lab", "up"])).code).toBe(0);
    expect(serverLifetime(lab().prefix)).toBe("kept");
  });

  // A container may refuse a fixed layout.
  it.skipIf(spawnSync("setarch", ["-R", "true"]).status !== 0)(
    "start every program, services too, with a fixed layout of its memory",
    () => {
      const all = processesWith("WINEPREFIX", lab().prefix).filter(
        ({ commandLine }) => !commandLine.includes("wineserver"),
      );
      expect(all.map(({ commandLine }) => commandLine)).toContainEqual(
        expect.stringContaining("services.exe"),
      );
      for (const { pid, commandLine } of all) {
        const personality = readFileSync(`/proc/${pid}/personality`, "utf8");
        // ADDR_NO_RANDOMIZE (sys/personality.h)
        expect([commandLine, Number.parseInt(personality, 16) & 0x0040000]).toEqual([
          commandLine,
          0x0040000,
        ]);
      }
    },
  );

  it("show what Wine cannot do, as Wine itself answers", async () => {
    const { stdout } = await cli(["lab", "info", "--json"]);
    const shown: unknown = JSON.parse(stdout).lab.abilities;
    expect(Object.keys(lab().abilities)).toEqual(Object.keys(ABILITIES));
    expect(shown).toEqual(await askAbilities(lab()));
  });

  it("notice another Wine than the lab's", async () => {
    const stamp = readStamp(testLab.labFolder);
    if (stamp === undefined) throw new Error("there is no stamp");
    const quiet = await cli(["lab", "info"]);
    writeStamp(testLab.labFolder, { ...stamp, wine: "wine-0.9" });
    const { code, stderr } = await cli(["lab", "info"]);
    writeStamp(testLab.labFolder, stamp);
    expect(code).toBe(0);
    expect(quiet.stderr).not.toContain("lab up");
    expect(stderr).toContain("wine-0.9");
    expect(stderr).toContain("lab up");
  });

  it("keep registrations, and end every program", async () => {
    const key = "HKLM\\SOFTWARE\\Kept";
    await runInLab(lab(), "reg.exe", ["add", key, "/f"], { cwd: "/" });
    const before = servers();
    const { code, stdout } = await cli(["lab", "restart", "--json"]);
    expect(code, stdout).toBe(0);
    expect(servers()).not.toEqual(before);
    expect(await runInLab(lab(), "reg.exe", ["query", key], { cwd: "/" })).toBe(0);
    expect(serverLifetime(lab().prefix)).toBe("kept");
  });
});
