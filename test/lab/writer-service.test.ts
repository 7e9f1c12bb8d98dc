import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { createGuid } from "../../src/base/guid.ts";
import { serviceKey } from "../../src/tools/registration/keys.ts";
import { serviceNameOf } from "../../src/tools/registration/writer-service.ts";
import { runCliInAgent, type CliResult } from "../helpers/cli.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { EVENTS } from "../helpers/lab/backup-events.ts";
import { exportRegistry } from "../helpers/lab/registry-export.ts";
import { listWriters, startRequester } from "../helpers/lab/requester.ts";
import { makeTestLab, type TestLab } from "../helpers/lab/test-lab.ts";
import { buildWriterProject, type WriterProject } from "../helpers/lab/writer-project.ts";

const writerId = createGuid();
const NAME = serviceNameOf(writerId);

let testLab: TestLab;
let agent: Agent;
let ledger: string;
let project: WriterProject;

function cli(args: readonly string[]): Promise<CliResult> {
  return runCliInAgent(testLab, agent, project.folder, args);
}

async function json(args: readonly string[]): Promise<unknown> {
  const { stdout, stderr } = await cli([...args, "--json"]);
  expect(stdout, stderr).not.toBe("");
  return JSON.parse(stdout);
}

async function state(): Promise<string | undefined> {
  return (await agent.binding.queryService(NAME))?.state;
}

async function writeValue(name: string, text: string): Promise<void> {
  const data = Buffer.from(`${text}\0`, "utf16le");
  await agent.binding.writeRegistryValue(serviceKey(NAME), name, 2, data);
}

beforeAll(async () => {
  testLab = makeTestLab();
  ledger = mkdtempSync(join(testLab.folder, "ledger-"));
  [agent, project] = await Promise.all([
    startAgent(testLab.lab),
    buildWriterProject(testLab, { writerId, ledger }),
  ]);
});

afterEach(async () => {
  const { code, stderr } = await cli(["unregister"]);
  await agent.binding.deleteService(NAME);
  expect(code, stderr).toBe(0);
});

afterAll(async () => {
  await agent.end();
  await testLab.remove();
});

describe("a writer in a service", () => {
  it("is registered, takes part in a backup, and is removed without a trace", async () => {
    // The lab's stand-in for VSS keeps a key of its own.
    await cli(["register"]);
    await cli(["unregister"]);
    const before = await exportRegistry(testLab);
    const planned = await cli(["register", "--dry-run"]);
    expect(planned.stdout, planned.stderr).toContain(`+ service ${NAME}: "${testLab.lab.nodeExe}"`);
    expect(await state()).toBeUndefined();

    expect(await json(["register"])).toMatchObject({ ok: true, changed: true });
    expect(await state()).toBe("RUNNING");
    const status = await json(["status"]);
    expect(status).toMatchObject({ ok: true, writerService: "registered", warnings: [] });
    const requester = await startRequester(testLab.lab, writerId);
    for (const command of EVENTS) {
      expect(await requester.event(...command)).toMatchObject({ outcome: "done", hresult: 0 });
    }
    await requester.end();
    expect(readFileSync(join(ledger, "ledger.txt"), "utf8")).toBe("flushed");
    expect(await json(["register"])).toMatchObject({ ok: true, changed: false });

    const { stdout } = await cli(["unregister", "--dry-run", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ changed: false, writerService: "remove" });
    expect(await json(["unregister"])).toMatchObject({ changed: true, kept: [] });
    expect(await state()).toBeUndefined();
    expect(await listWriters(testLab.lab)).toEqual([]);
    expect(await exportRegistry(testLab)).toBe(before);
  });

  it("is started again by register when somebody has stopped it, as status says", async () => {
    await cli(["register"]);
    await agent.changeService(NAME, { wanted: "STOPPED" });
    const status = await cli(["status"]);
    expect(status).toMatchObject({ code: 1 });
    expect(status.stdout).toContain(`The writer's service ${NAME} does not run`);
    expect(await json(["register"])).toMatchObject({ changed: true });
    expect(await state()).toBe("RUNNING");
  });

  it("is started again by register after another build, as status says", async () => {
    await cli(["register"]);
    const before = (await agent.binding.queryService(NAME))?.processId;
    const script = join(project.folder, "dist", "writer.js");
    writeFileSync(script, readFileSync(script));
    expect(await json(["status"])).toMatchObject({ ok: false, writerService: "outdated" });
    expect(await json(["register"])).toMatchObject({ changed: true });
    expect((await agent.binding.queryService(NAME))?.processId).not.toBe(before);
    expect(await json(["status"])).toMatchObject({ ok: true, writerService: "registered" });
  });

  it("is not touched where somebody has changed what it runs", async () => {
    await cli(["register"]);
    await agent.changeService(NAME, { wanted: "STOPPED" });
    await writeValue("ImagePath", '"C:\\windows\\system32\\fabrikam.exe"');
    expect(await json(["status"])).toMatchObject({ ok: false, writerService: "changed" });
    expect(await cli(["register", "--force"])).toMatchObject({ code: 3 });
    expect(await json(["unregister"])).toMatchObject({ kept: [expect.stringContaining(NAME)] });
    expect(await state()).toBe("STOPPED");
  });

  it("is undone when it does not start", async () => {
    const script = join(project.folder, "dist", "writer.js");
    const text = readFileSync(script, "utf8");
    writeFileSync(script, "process.exit(3);\n");
    try {
      const before = await exportRegistry(testLab);
      const { code, stderr } = await cli(["register"]);
      expect(code).toBe(1);
      expect(stderr).toContain(`Cannot start the service ${NAME}`);
      expect(await state()).toBeUndefined();
      expect(await exportRegistry(testLab)).toBe(before);
    } finally {
      writeFileSync(script, text);
    }
  });

  it("moves to another build with --update, and then runs there", async () => {
    await cli(["register"]);
    const other = await buildWriterProject(testLab, { writerId, ledger });
    const inOther = (args: readonly string[]): Promise<CliResult> =>
      runCliInAgent(testLab, agent, other.folder, args);
    expect(await inOther(["register"])).toMatchObject({ code: 3 });
    const { code, stderr } = await inOther(["register", "--update"]);
    expect(code, stderr).toBe(0);
    expect(await state()).toBe("RUNNING");
    const value = await agent.binding.readRegistryValue(serviceKey(NAME), "ImagePath");
    const command = Buffer.from(value?.data ?? []).toString("utf16le");
    expect(command).toContain(other.script);
    expect(command).not.toContain(project.script);
    expect(await inOther(["unregister"])).toMatchObject({ code: 0 });
  });

  it("is looked at by doctor, also without its manifest", async () => {
    await cli(["register"]);
    expect(await json(["doctor"])).toMatchObject({
      checks: expect.arrayContaining([
        expect.objectContaining({ id: "registration", verdict: "ok" }),
        expect.objectContaining({ id: "folders", verdict: "ok" }),
        expect.objectContaining({ id: "node", found: expect.stringMatching(/ is Node\.js v\d+/u) }),
      ]),
    });
    const elsewhere = mkdtempSync(join(testLab.folder, "elsewhere-"));
    const all = await runCliInAgent(testLab, agent, elsewhere, ["status", "--all", "--json"]);
    const document = JSON.parse(all.stdout);
    expect(document, all.stderr).toMatchObject({
      ok: true,
      applications: [{ writerId, condition: "as written", problems: [] }],
    });
    // COM starts nothing of an application without an add-in.
    expect(document.applications[0]).not.toHaveProperty("program");
  });
});
