import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createGuid } from "../../src/base/guid.ts";
import { decodeDocument } from "../../src/runtime/metadata/decode.ts";
import { backupFolderOf } from "../../src/tools/simulate/file-places.ts";
import { fromWindowsPath, toWindowsPath } from "../../src/tools/lab/paths.ts";
import { writerIdIn } from "../../src/tools/writer/same-document.ts";
import { runCli, runCliInAgent, type CliResult } from "../helpers/cli.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { makeTestLab, type TestLab } from "../helpers/lab/test-lab.ts";
import { buildWriterProject, type WriterProject } from "../helpers/lab/writer-project.ts";

const writerId = createGuid();

let testLab: TestLab;
let agent: Agent;
let ledger: string;
let project: WriterProject;
let backups = 0;

function cli(args: readonly string[]): Promise<CliResult> {
  return runCliInAgent(testLab, agent, project.folder, args);
}

/** What doctor says of the writer's backups. */
async function backupsInDoctor(): Promise<unknown> {
  const { stdout, stderr } = await cli(["doctor", "--json"]);
  expect(stdout, stderr).not.toBe("");
  const { checks }: { checks: readonly { readonly id: string }[] } = JSON.parse(stdout);
  return checks.find(({ id }) => id === "backups");
}

/** Plays a backup into a new folder. */
async function backUp(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly steps: readonly string[]; readonly folder: string }> {
  backups += 1;
  const folder = join(testLab.folder, `backup-${backups}`);
  const to = ["--to", toWindowsPath(testLab.lab, folder)];
  const { code, stdout, stderr } = await cli(["simulate", "backup", ...to, ...args, "--json"]);
  expect(stdout, stderr).not.toBe("");
  const { timeline } = JSON.parse(stdout);
  const steps = timeline.map((one: { step: string; failed: boolean }) =>
    one.failed ? `${one.step} failed` : one.step,
  );
  return { code, steps, folder };
}

/** Plays two backups at once, each in processes of its own. */
function backUpTwice(...args: readonly string[]): Promise<readonly CliResult[]> {
  const play = (): Promise<CliResult> => {
    backups += 1;
    const to = ["--to", toWindowsPath(testLab.lab, join(testLab.folder, `backup-${backups}`))];
    return runCli(testLab.labFolder, project.folder, ["simulate", "backup", ...to, ...args]);
  };
  return Promise.all([play(), play()]);
}

/** Expects that a backup is refused before anything happens. */
async function refuse(...args: readonly string[]): Promise<void> {
  expect(await cli(["simulate", "backup", ...args])).toMatchObject({ code: 2 });
}

/** The place of the ledger's files in a backup folder. */
function inBackup(folder: string): string {
  const { lab } = testLab;
  const place = backupFolderOf(toWindowsPath(lab, folder), toWindowsPath(lab, ledger));
  return fromWindowsPath(lab, place);
}

function thaws(): readonly string[] {
  const file = join(ledger, "thaws.txt");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}

beforeAll(async () => {
  testLab = makeTestLab();
  ledger = mkdtempSync(join(testLab.folder, "ledger-"));
  [agent, project] = await Promise.all([
    startAgent(testLab.lab),
    buildWriterProject(testLab, { writerId, ledger }),
  ]);
  const { code, stderr } = await cli(["register"]);
  expect(code, stderr).toBe(0);
});

afterAll(async () => {
  await cli(["unregister"]);
  await agent.end();
  await testLab.remove();
});

/** On Windows, VSS itself makes shadow copies. */
describe.runIf(process.platform !== "win32")("a simulated backup", () => {
  it("freezes the application, copies its files, and thaws it", async () => {
    writeFileSync(join(ledger, "ledger.txt"), "in memory only");
    mkdirSync(join(ledger, "empty"), { recursive: true });
    const before = thaws().length;
    const { code, steps, folder } = await backUp();
    expect(steps).toEqual([
      "Identify",
      "PrepareBackup",
      "PrepareSnapshot",
      "Freeze",
      "shadow copy",
      "Thaw",
      "PostSnapshot",
      "BackupComplete",
      "BackupShutdown",
    ]);
    expect(code).toBe(0);
    // What the freeze has flushed, and nothing of the thaw.
    expect(readFileSync(join(inBackup(folder), "ledger.txt"), "utf8")).toBe("flushed");
    expect(existsSync(join(inBackup(folder), "empty"))).toBe(true);
    expect(thaws().slice(before)).toEqual(["thaw"]);
    const document = decodeDocument(readFileSync(join(folder, "writer-metadata.xml")));
    expect(writerIdIn(document)).toBe(writerId);
  });

  it("is restored exactly by simulate restore --from", async () => {
    writeFileSync(join(ledger, "ledger.txt"), "in memory only");
    const { folder } = await backUp();
    writeFileSync(join(ledger, "ledger.txt"), "damaged");
    const from = ["--from", toWindowsPath(testLab.lab, folder)];
    const restored = await cli(["simulate", "restore", "--without-addin", ...from, "--json"]);
    expect(restored.code, restored.stdout).toBe(0);
    expect(readFileSync(join(ledger, "ledger.txt"), "utf8")).toBe("flushed");
  });

  it("copies what is on the disk without the writer", async () => {
    writeFileSync(join(ledger, "ledger.txt"), "in memory only");
    const { code, steps, folder } = await backUp("--without-writer");
    expect([code, steps]).toEqual([0, ["shadow copy"]]);
    expect(readFileSync(join(inBackup(folder), "ledger.txt"), "utf8")).toBe("in memory only");
  });

  it("lets everybody go who was held", async () => {
    await backUp();
    // The writer answers, and so does this agent's service manager.
    expect((await backUp()).code).toBe(0);
  });

  it.each(["prepareBackup", "prepareSnapshot", "freeze", "thaw", "postSnapshot"] as const)(
    "leaves nobody frozen when the backup program dies in %s",
    async (event) => {
      const { code, steps } = await backUp("--die-in", event);
      expect(code).toBe(1);
      expect(steps.at(-1)).toMatch(/failed$/u);
      // VSS tells the writer of the death; until then it refuses another backup.
      await expect.poll(async () => (await backUp()).code, { timeout: 10_000 }).toBe(0);
      expect(thaws().at(-1)).toBe("thaw");
    },
  );

  it("fails when the application was frozen for too long, which was thawed meanwhile", async () => {
    const before = thaws().length;
    const { code, steps, folder } = await backUp("--freeze-for", "11000");
    expect(code).toBe(1);
    expect(steps).toContain("Thaw failed");
    expect(thaws().slice(before)).toContain("timeout");
    const failed = toWindowsPath(testLab.lab, folder);
    const restored = await cli(["simulate", "restore", "--without-addin", "--from", failed]);
    expect(restored).toMatchObject({ code: 2 });
    expect(restored.stderr).toContain(
      "has the files of a backup that failed; nothing was restored",
    );
    const again = await cli(["simulate", "backup", "--to", failed]);
    expect(again.stderr).toContain("has the files of a backup that failed; nothing was written");
  });

  it("is in the log, with what failed", async () => {
    const failed = await cli(["simulate", "backup", "--freeze-for", "11000"]);
    expect(failed).toMatchObject({ code: 1 });
    expect(failed.stderr).toContain("wsb-addin log");
    const told = await cli(["log"]);
    expect(told).toMatchObject({ code: 0 });
    expect(told.stdout).toMatch(/^Backup, /u);
    expect(told.stdout).toMatch(/Thaw failed: The application was not frozen .* within 9000 ms/u);
    expect(await cli(["simulate", "backup"])).toMatchObject({ code: 0 });
    const last = await cli(["log", "--last", "2"]);
    expect(last.stdout).toContain("Nothing failed.");
    expect(last.stdout).toContain("BackupShutdown");
  });

  it("says where a freeze failed, and status does until one succeeds", async () => {
    const file = join(ledger, "ledger.txt");
    rmSync(file, { force: true });
    mkdirSync(file);
    expect(await cli(["simulate", "backup"])).toMatchObject({ code: 1 });
    const told = (await cli(["log"])).stdout;
    expect(told).toMatch(/^Freeze failed: /mu);
    expect(told).toContain("src/writer.ts:9:5");
    expect((await cli(["status"])).stdout).toContain("The last freeze failed");
    const { stdout } = await cli(["status", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, failedFreezes: 1 });
    expect(await backupsInDoctor()).toMatchObject({
      verdict: "fail",
      found: "The last freeze failed, and so did each backup.",
    });
    const all = (await cli(["status", "--all"])).stdout;
    expect(all).toContain("Problem: The last freeze failed, and so did each backup.");
    rmSync(file, { recursive: true });
    expect(await cli(["simulate", "backup"])).toMatchObject({ code: 0 });
    expect((await cli(["status"])).stdout).not.toContain("freeze");
    expect(await backupsInDoctor()).toMatchObject({ verdict: "ok" });
  });

  it("says that the writer is off", async () => {
    expect(await cli(["writer", "off"])).toMatchObject({ code: 0 });
    expect(await backupsInDoctor()).toMatchObject({
      verdict: "fail",
      found: expect.stringContaining("The writer is off, because an administrator"),
    });
    expect((await cli(["status", "--all"])).stdout).toContain("Problem: The writer is off");
    const told = async (): Promise<string> => (await cli(["simulate", "backup"])).stderr;
    await expect.poll(told, { timeout: 20_000 }).toContain("it is off. Turn it on");
    expect(await cli(["writer", "on"])).toMatchObject({ code: 0 });
    const code = async (): Promise<number> => (await cli(["simulate", "backup"])).code;
    await expect.poll(code, { timeout: 20_000 }).toBe(0);
  });

  it("waits for another one that copies: two that held each other would never end", async () => {
    expect(await backUpTwice("--without-writer")).toMatchObject([{ code: 0 }, { code: 0 }]);
  });

  it("is refused by a writer that is in another backup", async () => {
    const ends = await backUpTwice("--freeze-for", "4000");
    expect(ends.filter(({ code }) => code === 0)).toHaveLength(1);
    const refused = ends.find(({ code }) => code === 1)?.stdout;
    expect(refused).toContain("PrepareBackup");
    expect(refused).toContain("VSS does not pass the event on");
    expect(thaws().at(-1)).toBe("thaw");
  });

  it("says that the writer answers with older code than the last build's", async () => {
    const script = join(project.folder, "dist", "writer.js");
    const backup = ["simulate", "backup"];
    expect((await cli(backup)).stderr).not.toContain("older code");
    writeFileSync(script, readFileSync(script));
    expect((await cli(backup)).stderr).toContain("older code");
    expect(await cli(["register"])).toMatchObject({ code: 0 });
    expect((await cli(backup)).stderr).not.toContain("older code");
  });

  it("refuses options that would do nothing", async () => {
    await refuse("--without-writer", "--die-in", "freeze");
    await refuse("--without-writer", "--freeze-for", "10");
    await refuse("--without-writer", "--without-volume", "C:\\");
    await refuse("--without-volume", "Q:");
    const manifest = join(project.folder, "other.json");
    const other = { name: "Other", writerId: createGuid(), applicationIdentifier: "Other" };
    writeFileSync(manifest, JSON.stringify(other));
    await refuse("--manifest", "other.json", "--to", "C:\\none");
  });

  it("refuses a folder that is not empty", async () => {
    const folder = join(testLab.folder, "full");
    mkdirSync(folder);
    writeFileSync(join(folder, "file"), "");
    const to = toWindowsPath(testLab.lab, folder);
    const { code, stderr } = await cli(["simulate", "backup", "--to", to]);
    expect(code).toBe(1);
    expect(stderr).toContain("is not empty");
    rmSync(folder, { recursive: true });
  });

  it("says what to do when the writer's service does not run", async () => {
    await cli(["unregister"]);
    const { code, stderr } = await cli(["simulate", "backup"]);
    expect(code).toBe(1);
    expect(stderr).toContain("it has no service. Install it");
    expect(await cli(["register"])).toMatchObject({ code: 0 });
  });
});
