import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { parseWriterMetadata } from "../../src/runtime/metadata/parse.ts";
import { processesWith } from "../../src/tools/lab/processes.ts";
import { EVENTS, playUntil } from "../helpers/lab/backup-events.ts";
import { SET_ID, startRequester } from "../helpers/lab/requester.ts";
import { makeTestLab, type TestLab } from "../helpers/lab/test-lab.ts";
import { PLAN, WriterBed, writerSettings } from "../helpers/lab/writer-process.ts";

const NONRETRYABLE = 0x800423f4;
const TIMED_OUT = 0x800423f2;
const LIMIT_MS = 300;
const DRIVER = "wsb-lab-vss-driver.dll";

const source = fileURLToPath(new URL("../../native/lab/vssapi/vss-driver.cpp", import.meta.url));

const runs = (program: string): boolean =>
  spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;
const clang = ["clang", "clang-14", "clang-16", "clang-19"].find(runs);
const linker = "x86_64-w64-mingw32-gcc";
const canCompile = process.platform === "linux" && clang !== undefined && runs(linker);

function execute(program: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: "utf8" });
  expect(status, stderr).toBe(0);
}

/** Compiles vss-driver.cpp for Microsoft's binary interface, without any of its libraries. */
function compileDriver(folder: string, output: string): void {
  const object = join(folder, "vss-driver.obj");
  const target = ["--target=x86_64-pc-windows-msvc", "-std=c++20", "-O1", "-fno-exceptions"];
  const warnings = ["-Wall", "-Wextra", "-Werror"];
  execute(String(clang), [...target, ...warnings, "-fno-rtti", "-c", source, "-o", object]);
  execute(linker, ["-shared", "-nostdlib", "-Wl,-e,0", "-o", output, object]);
}

describe.runIf(canCompile)("a writer that code for Microsoft's compiler calls", () => {
  let testLab: TestLab;
  let bed: WriterBed;

  beforeAll(async () => {
    testLab = makeTestLab();
    const { lab, folder } = testLab;
    if (lab.kind !== "wine") throw new Error("this is no Wine");
    compileDriver(folder, join(lab.prefix, "drive_c", "windows", "system32", DRIVER));
    bed = await WriterBed.open(testLab);
  });

  afterAll(async () => {
    await bed.close();
    await testLab.remove();
  });

  it("is called through the driver", async () => {
    const { lab } = testLab;
    const writer = await bed.subscribe(writerSettings());
    const maps = processesWith("WINEPREFIX", lab.kind === "wine" ? lab.prefix : "").map(
      ({ pid }) => `/proc/${pid}/maps`,
    );
    expect(
      maps.some((file) => existsSync(file) && readFileSync(file, "utf8").includes(DRIVER)),
    ).toBe(true);
    writer.say({ say: "exit", exitCode: 0 });
    await writer.ended;
  });

  it("identifies, and gets every event with its GUID, which is passed by value", async () => {
    const settings = writerSettings();
    const writer = await bed.subscribe(settings);
    const requester = await startRequester(testLab.lab, settings.id);
    const { outcome, document } = await requester.event("identify");
    expect(outcome).toBe("done");
    expect(parseWriterMetadata(document).components).toHaveLength(PLAN.components.length);
    await playUntil("backupShutdown", requester, writer);
    const shutdown = requester.event("backupShutdown");
    const { id, request } = await writer.next("request");
    expect(request).toMatchObject({ event: "backupShutdown", snapshotSetId: SET_ID });
    writer.say({ say: "complete", id: Number(id) });
    expect(await shutdown).toMatchObject({ outcome: "done" });
    await requester.end();
    writer.say({ say: "exit", exitCode: 0 });
    await writer.ended;
  });

  it.each(EVENTS.map(([event]) => event))("fails %s with its codes and sentence", async (event) => {
    const settings = writerSettings();
    const writer = await bed.subscribe(settings);
    const requester = await startRequester(testLab.lab, settings.id);
    await playUntil(event, requester, writer);
    const command = EVENTS.find(([name]) => name === event) ?? [];
    const answer = requester.event(...command);
    const failure = { hresult: NONRETRYABLE, applicationHresult: 0x80004005, message: "No." };
    writer.say({ say: "complete", id: await writer.request(event), failure });
    expect(await answer).toMatchObject({ outcome: "failed", ...failure });
    writer.say({ say: "exit", exitCode: 0 });
    await writer.ended;
    await requester.end();
  });

  it("fails a freeze at its limit, and an abort works", async () => {
    const settings = writerSettings({ freeze: LIMIT_MS });
    const writer = await bed.subscribe(settings);
    const requester = await startRequester(testLab.lab, settings.id);
    await playUntil("freeze", requester, writer);
    expect(await requester.event("freeze")).toMatchObject({
      outcome: "failed",
      hresult: TIMED_OUT,
    });
    await writer.request("freeze");
    await writer.next("expired");
    const abort = requester.event("abort");
    writer.say({ say: "complete", id: await writer.request("abort") });
    expect(await abort).toMatchObject({ outcome: "done" });
    writer.say({ say: "exit", exitCode: 0 });
    await writer.ended;
    await requester.end();
  });
});
