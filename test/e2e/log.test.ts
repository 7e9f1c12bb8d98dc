import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { fromWindowsPath } from "../../src/tools/lab/paths.ts";
import { formatLine } from "../../src/runtime/events/line.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { runCli, type CliResult } from "../helpers/cli.ts";
import { abandonedLines, restoreLines } from "../helpers/event-lines.ts";
import { buildAddin, makeTestLab, type TestAddin, type TestLab } from "../helpers/lab/test-lab.ts";
import { until } from "../helpers/until.ts";

let testLab: TestLab;
let agent: Agent;
let addin: TestAddin;

function cli(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<CliResult> {
  return runCli(testLab.labFolder, addin.folder, args, env);
}

/** Returns the folder of the add-in's events, a path of this machine. */
function eventFolder(): string {
  const programData = process.env["ProgramData"] ?? "C:\\ProgramData";
  return fromWindowsPath(testLab.lab, `${programData}\\wsb-addin\\${addin.clsid}`);
}

function writeRecord(name: string, lines: readonly string[]): void {
  mkdirSync(eventFolder(), { recursive: true });
  writeFileSync(join(eventFolder(), name), lines.join(""));
}

beforeAll(async () => {
  testLab = makeTestLab();
  [agent, addin] = await Promise.all([startAgent(testLab.lab), buildAddin(testLab, "probe.ts")]);
});
afterAll(async () => {
  await agent.end();
  await testLab.remove();
});

describe("wsb-addin log", () => {
  it("says that there are no events", async () => {
    const { code, stdout } = await cli(["log"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(`Test ${addin.writerId} has no events yet. To make some, run: `);
    expect(stdout).toContain("wsb-addin simulate restore");
  });

  it("shows the last session, also from rotated files, and counts damaged lines", async () => {
    const first = restoreLines.map(formatLine);
    const last = abandonedLines.map((line) => formatLine({ ...line, sessionId: "last" }));
    writeRecord("addin-20250801T010312000Z-10.jsonl", [...first, ...last.slice(0, 5)]);
    writeRecord("addin.jsonl", ["damaged\n", ...last.slice(5)]);
    const { code, stdout, stderr } = await cli(["log"]);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("Unreadable lines in the event files: 1.");
    const lines = stdout.split("\n");
    expect(lines[0]).toContain("Restore session last, 2025-08-01 ");
    expect(lines).toContain(
      "    10 ms     195 ms  PreRestore              WSBAPP_E_COMPONENT_PRE_RESTORE_FAILED  Ledger\\Accounts  Books are open.",
    );
    expect(stdout).toContain('Start them with: sc.exe start "Ledger"');
    const see = /^See (\/.*\/docs\/restore\.md)#after-a-restore-that-broke-off$/mu.exec(stdout);
    expect(existsSync(see?.[1] ?? ""), stdout).toBe(true);
    expect(stdout).not.toContain("PostRestore");
  });

  it("prints the requested number of sessions in one document", async () => {
    const { code, stdout } = await cli(["log", "--json", "--last", "5"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      command: "log",
      ok: true,
      damaged: 1,
      page: null,
      sessions: [
        { sessionId: "s1", verdict: "completed", leftStopped: [] },
        { sessionId: "last", verdict: "abandoned", leftStopped: ["Ledger"] },
      ],
    });
  });

  it("ends with a line for each of several sessions, latest last", async () => {
    const { stdout } = await cli(["log", "--last", "5"]);
    const lines = stdout.trimEnd().split("\n").slice(-2);
    expect(lines[0]).toMatch(/^2025-08-01 \d\d:\d\d {2}Completed\.$/u);
    expect(lines[1]).toMatch(
      /Abandoned: .* PreRestore of Ledger\\Accounts failed: Books are open\./u,
    );
    expect((await cli(["log"])).stdout).not.toContain("\n\n");
  });

  it("finds the add-in of a registered writer without its manifest", async () => {
    await agent.register(addin.manifestFile, addin.serverScript);
    const args = ["log", "--json", "--writer-id", addin.writerId];
    const { code, stdout } = await runCli(testLab.labFolder, testLab.folder, args);
    await agent.unregister(addin.writerId);
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { sessions: [{ sessionId: "last" }] }]);
  });

  it("refuses an unregistered writer: exit code 2", async () => {
    expect((await cli(["log", "--writer-id", addin.writerId])).code).toBe(2);
    expect((await cli(["log", "--last", "0"])).code).toBe(2);
  });

  it("writes a page to the given file", async () => {
    const file = join(addin.folder, "a page.html");
    const written = await cli(["log", "--html", file]);
    expect(written.code).toBe(0);
    // The path of this machine, not the lab's.
    expect(written.stdout).toContain(`\nPage: ${file}\n`);
    const json = await cli(["log", "--json", "--html", "a page.html"]);
    expect(JSON.parse(json.stdout)).toMatchObject({ page: file });
    expect(readFileSync(file, "utf8")).toMatch(/^<!doctype html>.*Books are open\..*<\/html>\n$/su);
    const args = ["log", "--json", "--html", join(addin.folder, "none", "page.html")];
    const { code, stdout } = await cli(args);
    expect([code, JSON.parse(stdout)]).toMatchObject([
      1,
      { ok: false, error: { code: "ERR_WSB_FILE", errno: "ENOENT" } },
    ]);
  });

  it.runIf(process.platform === "linux")(
    "tells a person without a desktop where the page is",
    async () => {
      const { code, stdout, stderr } = await cli(["log", "--open"], {
        DISPLAY: "",
        WAYLAND_DISPLAY: "",
      });
      const [, file = ""] = /^Page: (.*)$/mu.exec(stdout) ?? [];
      expect(code).toBe(0);
      expect(stderr).toContain(
        `Open this file in a browser, here or on another machine: ${file}\n`,
      );
      expect(readFileSync(file, "utf8")).toContain("<!doctype html>");
      rmSync(dirname(file), { recursive: true });
    },
  );

  it.runIf(process.platform === "linux")(
    "shows the page by the desktop's own program, its path in one piece",
    async () => {
      const bin = join(testLab.folder, "bin");
      const opened = join(testLab.folder, "opened");
      mkdirSync(bin);
      writeFileSync(
        join(bin, "xdg-open"),
        `#!/bin/sh\nprintf '%s|' "$@" > '${opened}.part'\nmv '${opened}.part' '${opened}'\n`,
      );
      chmodSync(join(bin, "xdg-open"), 0o755);
      const file = join(addin.folder, "$(touch x) a&b.html");
      const env = { PATH: `${bin}${delimiter}${process.env["PATH"]}`, DISPLAY: ":0" };
      expect((await cli(["log", "--html", file, "--open"], env)).code).toBe(0);
      await until("the page's opening", () => (existsSync(opened) ? true : undefined));
      expect(readFileSync(opened, "utf8")).toBe(`${file}|`);
      expect(readFileSync(file, "utf8")).toContain("<!doctype html>");
    },
  );
});
