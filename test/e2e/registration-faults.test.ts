import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { runInLab } from "../../src/tools/lab/run.ts";
import { runCliInAgent, type CliResult } from "../helpers/cli.ts";
import { nameState } from "../helpers/lab/registry-export.ts";
import {
  borrowTestLab,
  dataFolder,
  type TestAddin,
  type TestLab,
} from "../helpers/lab/test-lab.ts";
import { TransitionBed } from "../helpers/lab/transition-bed.ts";

let testLab: TestLab;
let bed: TransitionBed;

beforeAll(async () => {
  testLab = borrowTestLab();
  bed = await TransitionBed.make(testLab);
});

afterAll(async () => {
  await bed.remove();
  await testLab.remove();
});

function cli(addin: TestAddin, ...args: readonly string[]): Promise<CliResult> {
  return runCliInAgent(testLab, bed.agent, addin.folder, args);
}

/** Ends the process of the task scheduler; being disabled, it is not started again for a client. */
async function endScheduler(): Promise<void> {
  const { binding } = bed.agent;
  await binding.setServiceStartType("Schedule", "disabled", false);
  const { processId = 0 } = (await binding.queryService("Schedule")) ?? {};
  await runInLab(testLab.lab, "taskkill.exe", ["/f", "/pid", String(processId)], {});
}

async function startScheduler(): Promise<void> {
  await bed.agent.binding.setServiceStartType("Schedule", "automatic", false);
  await runInLab(testLab.lab, "net.exe", ["start", "Schedule"], {});
}

/** The folder of the registration records. */
function recordsFolder(addin: TestAddin): string {
  return join(dirname(dataFolder(testLab, addin)), "registrations");
}

describe("A: a planted registration record", () => {
  it("is obeyed by no command, and reported by status", async () => {
    const addin = await bed.buildAddin();
    const { absent } = await bed.cleanStates(addin);
    const folder = recordsFolder(addin);
    mkdirSync(folder, { recursive: true });
    const evil = "SOFTWARE\\wsb-addin-planted";
    const value = { type: 1, data: Buffer.from("evil\0", "utf16le").toString("base64") };
    const before = {
      values: [{ key: evil, name: "Run", value }],
      keys: [{ key: evil, existed: true }],
    };
    const planted = { version: 1, state: "registering", before, previous: null };
    writeFileSync(join(folder, `${addin.writerId}.json`), JSON.stringify(planted));
    const status = await cli(addin, "status", "--json");
    expect([status.code, JSON.parse(status.stdout)]).toMatchObject([
      1,
      { condition: "record damaged" },
    ]);
    for (const command of ["register", "unregister", "recover"]) {
      expect(await cli(addin, command), command).toMatchObject({ code: 3 });
    }
    expect(await bed.readRegistry()).toBe(absent);
    expect(await bed.agent.binding.hasRegistryKey(evil)).toBe(false);
    expect((await cli(addin, "unregister", "--repair")).code).toBe(0);
    expect(readdirSync(folder).filter((name) => name.includes(".damaged-"))).toHaveLength(1);
    expect(await bed.readRegistry()).toBe(absent);
  });
});

describe("C: a damaged registration record", () => {
  it.each(["register", "unregister"] as const)(
    "is set aside by %s --repair, which goes on",
    async (command) => {
      const addin = await bed.buildAddin();
      const states = await bed.cleanStates(addin);
      expect((await cli(addin, "register", "--no-activate")).code).toBe(0);
      const file = join(recordsFolder(addin), `${addin.writerId}.log`);
      const bytes = readFileSync(file);
      writeFileSync(file, bytes.subarray(0, bytes.length / 2));
      const args = command === "register" ? ["--no-activate"] : [];
      expect(await cli(addin, command, ...args)).toMatchObject({
        code: 3,
        stderr: expect.stringContaining("--repair"),
      });
      const { code } = await cli(addin, command, "--repair", ...args);
      expect(code).toBe(0);
      const expected = command === "register" ? "registered" : "absent";
      expect(nameState(await bed.readRegistry(), states)).toBe(expected);
      expect(existsSync(file)).toBe(command === "register");
      await bed.agent.unregister(addin.writerId);
    },
  );
});

describe("B: a task scheduler that does not answer", () => {
  it("leaves registration and start-up task as they were, and a later unregister removes both", async () => {
    const addin = await bed.buildAddin({ services: ["Spooler"] });
    expect((await cli(addin, "register", "--no-activate")).code).toBe(0);
    const before = await bed.readRegistry();
    await endScheduler();
    try {
      expect((await cli(addin, "unregister")).code).toBe(1);
    } finally {
      await startScheduler();
    }
    expect(await bed.readRegistry()).toBe(before);
    const status = JSON.parse((await cli(addin, "status", "--json")).stdout);
    expect(status).toMatchObject({ condition: "as written", bootRecovery: true });
    expect((await cli(addin, "unregister")).code).toBe(0);
    expect(JSON.parse((await cli(addin, "status", "--json")).stdout)).toMatchObject({
      condition: "not registered",
    });
  });
});
