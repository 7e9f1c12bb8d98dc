import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { runInLab } from "../../src/tools/lab/run.ts";
import { runCli } from "../helpers/cli.ts";
import { until } from "../helpers/until.ts";
import {
  buildAddin,
  dataFolder,
  makeTestLab,
  type TestAddin,
  type TestLab,
} from "../helpers/lab/test-lab.ts";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const FAILS = 'const text = JSON.parse("{}").a.b;';
const WORKS = 'const text = "fine";';

let testLab: TestLab;
let addin: TestAddin;

beforeAll(async () => {
  testLab = makeTestLab();
  addin = await buildAddin(testLab, "probe.ts", { lingerMs: 60_000 });
  write(FAILS);
  const args = ["register", "--allow-writable-folder", "--no-activate"];
  expect(await runCli(testLab.labFolder, addin.folder, args)).toMatchObject({ code: 0 });
});

afterAll(() => testLab.remove());

/** Writes the add-in whose PreRestore runs this line, the fourth. */
function write(line: string): void {
  mkdirSync(join(addin.folder, "src"), { recursive: true });
  const handler = `\nasync function preRestore() {\n  ${line}\n  return text;\n}\n`;
  const text = `import { defineAddin } from "wsb-addin";${handler}export default defineAddin({ preRestore });\n`;
  writeFileSync(join(addin.folder, "src", "addin.ts"), text);
}

/** Runs `dev` as a person in a terminal does; what it prints is in `text`. */
function dev(...args: readonly string[]) {
  const child = spawn(process.execPath, [main, "dev", ...args], {
    cwd: addin.folder,
    env: { ...process.env, NO_COLOR: "1", WSB_ADDIN_LAB: testLab.labFolder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const shown = { text: "" };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (shown.text += text));
  }
  return { child, shown, ended: once(child, "close") };
}

describe("dev", () => {
  it("shows a failure's line in TypeScript, and plays again when a file was changed", async () => {
    const { child, shown, ended } = dev("--", "--component", "one");
    await until("a failed round", () => shown.text.includes("Waiting for a change") || undefined);
    expect(shown.text).toContain("Failed.");
    expect(shown.text).toMatch(/src\/addin\.ts:3:\d+/u);
    shown.text = "";
    write(WORKS);
    await until("a good round", () => shown.text.includes("Waiting for a change") || undefined);
    expect(shown.text).toContain("Succeeded.");
    child.kill("SIGINT");
    expect(await ended).toEqual([0, null]);
  });

  it("--inspect serves with a port on loopback, by a process of its own", async () => {
    write(WORKS);
    const { shown, ended } = dev("--inspect", "--once", "--", "--component", "one");
    expect(await ended, shown.text).toEqual([0, null]);
    expect(shown.text).toMatch(/ws:\/\/127\.0\.0\.1:\d+\//u);
    expect(shown.text).toContain("Succeeded.");
  });

  it("goes on after a build that fails", async () => {
    write("const text = ;");
    const { shown, ended } = dev("--once");
    expect([await ended, shown.text]).toEqual([[1, null], expect.stringContaining("addin.ts:3")]);
  });

  it("--once fails with its simulation, and prints one document with --json", async () => {
    write(FAILS);
    const args = ["dev", "--once", "--json", "--", "--component", "one"];
    const { code, stdout, stderr } = await runCli(testLab.labFolder, addin.folder, args);
    expect([code, JSON.parse(stdout)]).toMatchObject([1, { command: "dev", ok: false }]);
    expect(stderr).toContain("src/addin.ts:3");
  });

  it("shows no log of an older round when the simulation did not reach the add-in", async () => {
    write(WORKS);
    const { shown, ended } = dev("--once", "--", "--no-such-option");
    expect([await ended, shown.text]).toEqual([
      [1, null],
      expect.stringContaining("recorded nothing in this round"),
    ]);
    expect(shown.text).not.toContain("PreRestore");
  });

  it("--inspect says that the server does not serve, and goes on", async () => {
    const text = 'throw new Error("at the top");\nexport default {};\n';
    writeFileSync(join(addin.folder, "src", "addin.ts"), text);
    const { shown, ended } = dev("--inspect", "--once");
    expect([await ended, shown.text]).toEqual([
      [1, null],
      expect.stringContaining("ended before it served"),
    ]);
  });
});

describe("simulate", () => {
  it("says when a source changed after the build that answers", async () => {
    write(WORKS);
    await dev("--once", "--simulate", "none").ended;
    const play = ["simulate", "restore", "--component", "one"];
    const fresh = await runCli(testLab.labFolder, addin.folder, play);
    expect([fresh.code, fresh.stderr]).toEqual([0, expect.not.stringContaining("older build")]);
    write(FAILS);
    const older = await runCli(testLab.labFolder, addin.folder, play);
    expect(older.code, older.stdout).toBe(0);
    expect(older.stderr).toMatch(/older build: src\/addin\.ts changed/u);
  });
});

describe("a server that COM starts", () => {
  it("listens for no debugger, whatever its command line says, and reports it", async () => {
    write(WORKS);
    await dev("--once", "--simulate", "none").ended;
    const events = join(dataFolder(testLab, addin), "addin.jsonl");
    const running = new AbortController();
    const { lab } = testLab;
    const args = ["--inspect=127.0.0.1:0", addin.serverScript, "-Embedding"];
    const options = { signal: running.signal };
    const run = runInLab(lab, lab.nodeExe, args, options).catch(() => {});
    const isReported = (): boolean => readFileSync(events, "utf8").includes("port for a debugger");
    await until("the report", () => isReported() || undefined);
    // It waits a minute for its first client; the lab ends it.
    running.abort();
    void run;
  });
});
