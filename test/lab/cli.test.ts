import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { runInLab } from "../../src/tools/lab/run.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { probeCalls, untilProbe } from "../helpers/lab/probe.ts";
import { runCli, runCliInAgent, type CliResult } from "../helpers/cli.ts";
import {
  borrowTestLab,
  buildAddin,
  dataFolder,
  makeTestLab,
  type TestAddin,
  type TestLab,
} from "../helpers/lab/test-lab.ts";

let testLab: TestLab;
let agent: Agent;
let addin: TestAddin;

function cli(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<CliResult> {
  return runCli(testLab.labFolder, addin.folder, args, env);
}

/** Runs a command inside the agent, which is faster; another test starts it like a user. */
function cliInAgent(args: readonly string[]): Promise<CliResult> {
  return runCliInAgent(testLab, agent, addin.folder, args);
}

function put(folder: string, file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

beforeAll(async () => {
  testLab = borrowTestLab();
  [agent, addin] = await Promise.all([
    startAgent(testLab.lab),
    buildAddin(testLab, "probe.ts", { lingerMs: 60_000 }),
  ]);
});

afterAll(async () => {
  await agent.end();
  await testLab.remove();
});

describe("simulate", () => {
  it("reports that the class is not registered, and the next step", async () => {
    const { code, stdout, stderr } = await cliInAgent(["simulate", "restore"]);
    expect(code).toBe(1);
    expect(stdout).toContain("REGDB_E_CLASSNOTREG");
    expect(stderr).toContain("wsb-addin register");
  });

  it("simulates a restore in the documented order and prints it as JSON", async () => {
    await agent.register(addin.manifestFile, addin.serverScript);
    const { code, stdout } = await cli([
      "simulate",
      "restore",
      "--json",
      "--no-roll-forward",
      "--component",
      "Contoso\\one",
      "--component",
      "two",
    ]);
    expect(code).toBe(0);
    const { ok, timeline }: { ok: boolean; timeline: { step: string; component?: string }[] } =
      JSON.parse(stdout);
    expect(ok).toBe(true);
    // The probe reverses the order.
    expect(timeline.map(({ step, component }) => [step, component])).toEqual([
      ["activate", undefined],
      ["IsRollForwardSupported", undefined],
      ["OrderComponents", undefined],
      ["PreRestore", "two"],
      ["PreRestore", "Contoso\\one"],
      ["PostRestore", "two"],
      ["PostRestore", "Contoso\\one"],
    ]);
  });

  it("reports the HRESULT and text of a handler that throws, and fails", async () => {
    const { code, stdout } = await cliInAgent([
      "simulate",
      "restore",
      "--component",
      "throw:disk full",
    ]);
    expect(code).toBe(1);
    expect(stdout).toContain("WSBAPP_E_COMPONENT_PRE_RESTORE_FAILED");
    expect(stdout).toContain("disk full");
  });

  it("simulates a backup until the check ends", async () => {
    const { code, stdout } = await cli([
      "simulate",
      "backup",
      "--json",
      "--component",
      "fine",
      "--poll",
      "10",
      "--volume",
      "C:\\=C:\\windows",
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      timeline: [{ step: "activate" }, { step: "CheckConsistency" }, { step: "QueryStatus" }],
    });
  });

  it("says why a check failed, and what Windows records of it", async () => {
    const { code, stdout } = await cliInAgent([
      "simulate",
      "backup",
      "--component",
      "throw:page 7 is torn",
      "--poll",
      "10",
    ]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/QueryStatus .*page 7 is torn; \d+ call/u);
    expect(stdout).toMatch(/record .*event 565/u);
  });

  it("refuses a volume that does not exist, and says which components it has made up", async () => {
    const volume = ["--volume", "C:\\=C:\\no such copy"];
    const refused = await cli(["simulate", "backup", "--component", "fine", ...volume]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("no such copy") });
    const played = await cli(["simulate", "backup", "--component", "fine", "--poll", "10"]);
    expect(played).toMatchObject({ code: 0, stderr: expect.stringContaining("fine") });
  });

  it("aborts a check after the given time", async () => {
    const { code, stdout } = await cliInAgent([
      "simulate",
      "backup",
      "--json",
      "--component",
      "wait-for-abort",
      "--poll",
      "10",
      "--abort-after",
      "50",
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      timeline: [
        { step: "activate" },
        { step: "CheckConsistency" },
        { step: "QueryStatus" },
        { step: "Abort", hresult: 0 },
        { step: "QueryStatus" },
      ],
    });
    expect(code).toBe(0);
  });

  it("finishes prepared components and fails after Ctrl-C", async () => {
    const interrupt = new AbortController();
    // The probe reverses the order of the components.
    const running = runCli(
      testLab.labFolder,
      addin.folder,
      ["simulate", "restore", "--component", "never", "--component", "wait:700"],
      {},
      interrupt.signal,
    );
    await untilProbe(addin, "the PreRestore", (call) => call["componentName"] === "wait:700");
    interrupt.abort();
    expect((await running).code).toBe(1);
    const played = probeCalls(addin).filter(({ componentName }) =>
      ["never", "wait:700"].includes(String(componentName)),
    );
    expect(played.map(({ method, componentName }) => [method, componentName])).toEqual([
      ["preRestore", "wait:700"],
      ["postRestore", "wait:700"],
    ]);
  });

  it("copies a component's files from a backup folder to their places", async () => {
    const backup = mkdtempSync(join(testLab.folder, "backup-"));
    const source = join(backup, "C", "ProgramData", "Contoso");
    mkdirSync(join(source, "sub"), { recursive: true });
    writeFileSync(join(source, "a.dat"), "restored");
    writeFileSync(join(source, "sub", "b.dat"), "restored too");
    writeFileSync(join(source, "c.txt"), "not asked for");
    const metadata = join(backup, "metadata.xml");
    writeFileSync(
      metadata,
      `<WRITER_METADATA xmlns="x-schema:#VssWriterMetadataInfo"><BACKUP_LOCATIONS>
         <FILE_GROUP logicalPath="Contoso" componentName="Books">
           <FILE_LIST path="%ProgramData%\\Contoso" filespec="*.dat" recursive="yes"/>
         </FILE_GROUP></BACKUP_LOCATIONS></WRITER_METADATA>`,
    );
    const { code, stdout } = await cli([
      "simulate",
      "restore",
      "--json",
      "--without-addin",
      "--metadata",
      metadata,
      "--from",
      backup,
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      timeline: [{ step: "copy", component: "Contoso\\Books", detail: "2 files" }],
    });
    expect(code).toBe(0);
  });
});

describe("simulate restore of a database", () => {
  let backup: string;
  let live: string;

  beforeEach(() => {
    backup = mkdtempSync(join(testLab.folder, "backup-"));
    live = join(dataFolder(testLab, addin), "..", "..", "ContosoDatabase");
    const kept = join(backup, "C", "ProgramData", "ContosoDatabase");
    put(kept, "books.dat", "backup");
    put(kept, "logs/1.log", "backup");
    put(kept, "logs/2.log", "backup");
    put(kept, "temp/scratch.dat", "backup");
    mkdirSync(join(kept, "empty"));
    put(live, "books.dat", "live");
    put(live, "logs/1.log", "live");
    put(
      backup,
      "metadata.xml",
      `<WRITER_METADATA xmlns="x-schema:#VssWriterMetadataInfo"><BACKUP_LOCATIONS>
         <EXCLUDE_FILES path="%ProgramData%\\ContosoDatabase\\temp" filespec="*" recursive="yes"/>
         <DATABASE logicalPath="Contoso" componentName="Books">
           <DATABASE_FILES path="%ProgramData%\\ContosoDatabase" filespec="*.dat" recursive="yes"/>
           <DATABASE_LOGFILES path="%ProgramData%\\ContosoDatabase\\logs" filespec="*.log"/>
         </DATABASE></BACKUP_LOCATIONS></WRITER_METADATA>`,
    );
  });

  afterEach(() => rmSync(live, { recursive: true }));

  function play(...args: readonly string[]): Promise<CliResult> {
    const metadata = ["--metadata", join(backup, "metadata.xml")];
    return cli(["simulate", "restore", ...metadata, ...args]);
  }

  function textOf(file: string): string | undefined {
    const path = join(live, file);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  }

  it.each([
    ["leaves the logs that are there when the add-in rolls forward", [], "live"],
    ["replaces them in a point-in-time recovery", ["--no-roll-forward"], "backup"],
  ])("%s", async (_, args, log) => {
    const { code, stdout } = await play("--from", backup, ...args);
    expect(code, stdout).toBe(0);
    const restored = ["books.dat", "logs/1.log", "logs/2.log", "temp/scratch.dat"].map(textOf);
    expect(restored).toEqual(["backup", log, "backup", undefined]);
    expect(existsSync(join(live, "empty"))).toBe(true);
  });

  it("calls nobody when the backup folder does not exist", async () => {
    const before = probeCalls(addin).length;
    const { code, stderr } = await play("--from", join(backup, "none"));
    expect([code, stderr]).toEqual([2, expect.stringContaining("none")]);
    expect(probeCalls(addin)).toHaveLength(before);
    expect(textOf("books.dat")).toBe("live");
  });
});

describe("lab", () => {
  it("describes itself as JSON", async () => {
    const { code, stdout } = await cli(["lab", "info", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      lab: { nodeExe: testLab.lab.nodeExe, nodeVersion: testLab.lab.nodeVersion },
    });
  });

  it("runs a program and returns its exit code and output", async () => {
    const script = "console.log(process.platform, process.argv[1]); process.exit(7)";
    const { code, stdout } = await cli(["lab", "run", "--", "node", "-e", script, "ä \u{1F4D2}"]);
    expect(stdout.trim()).toBe("win32 ä \u{1F4D2}");
    expect(code).toBe(7);
  });

  it.skipIf(process.platform === "win32")("is removed without affecting a clone", async () => {
    const other = makeTestLab();
    expect(await runCli(other.labFolder, other.folder, ["lab", "down"])).toMatchObject({ code: 0 });
    // Known to the running server, but not yet on disk.
    await agent.binding.createRegistryKey("SOFTWARE\\wsb-addin-lab\\clone");
    const args = ["query", "HKLM\\SOFTWARE\\wsb-addin-lab\\clone"];
    expect(await runInLab(testLab.lab, "reg.exe", args)).toBe(0);
    await other.remove();
  });

  it("refuses a command without a lab, and says what to run", async () => {
    const nowhere = join(testLab.folder, "nowhere");
    const { code, stdout, stderr } = await cli(["register", "--json"], { WSB_ADDIN_LAB: nowhere });
    expect(code).toBe(1);
    expect(stderr).toContain("wsb-addin lab up");
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: "ERR_WSB_LAB" } });
  });

  it("names the packages to install when Wine is missing", async () => {
    const nowhere = join(testLab.folder, "nowhere");
    const { code, stderr } = await cli(["lab", "up"], { WSB_ADDIN_LAB: nowhere, PATH: "" });
    expect(code).toBe(1);
    expect(stderr).toContain("apt-get install -y --no-install-recommends");
  });
});
