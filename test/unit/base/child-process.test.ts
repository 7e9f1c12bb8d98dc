import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { runChild, runTool, type Tool } from "../../../src/base/child-process.ts";
import { until } from "../../helpers/until.ts";

const program = process.execPath;

function script(code: string): { readonly program: string; readonly args: readonly string[] } {
  return { program, args: ["-e", code] };
}

/** A program that runs until it is killed. */
const ENDLESS = "setInterval(() => {}, 1000);";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wsb-child-process-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe("runChild", () => {
  it("returns the exit code and the output of both streams", async () => {
    const code = 'console.log("out"); console.error("err"); process.exitCode = 3;';

    const { exitCode, output } = await runChild(script(code));

    expect(exitCode).toBe(3);
    expect(output.split("\n").toSorted()).toEqual(["", "err", "out"]);
  });

  it("keeps the end of a long output", async () => {
    const { output } = await runChild(script('console.log("a".repeat(100_000) + "the end")'));

    expect(output).toHaveLength(2000);
    expect(output).toMatch(/athe end\n$/u);
  });

  it("sets and removes variables", async () => {
    vi.stubEnv("WSB_REMOVED", "1");
    vi.stubEnv("WSB_KEPT", "2");
    const code =
      "const { WSB_REMOVED: a, WSB_KEPT: b, WSB_SET: c } = process.env; console.log(JSON.stringify({ a, b, c }))";

    const { output } = await runChild({
      ...script(code),
      env: { WSB_REMOVED: undefined, WSB_SET: "3" },
    });

    expect(JSON.parse(output)).toEqual({ b: "2", c: "3" });
  });

  it("passes arguments unchanged", async () => {
    const args = ["a b", '"', "$HOME", "*", ""];

    const { output } = await runChild({
      program,
      args: ["-e", "console.log(JSON.stringify(process.argv.slice(1)))", ...args],
    });

    expect(JSON.parse(output)).toEqual(args);
  });

  it("ends the program at the time limit", async () => {
    const { exitCode } = await runChild({ ...script(ENDLESS), timeoutMs: 100 });

    expect(exitCode).toBeNull();
  });

  it("throws the signal's reason after the program has ended", async () => {
    const controller = new AbortController();
    const reason = new Error("interrupted");
    const running = runChild({ ...script(ENDLESS), signal: controller.signal });
    controller.abort(reason);

    await expect(running).rejects.toBe(reason);
    await expect(runChild({ ...script(""), signal: controller.signal })).rejects.toBe(reason);
  });

  it("does not wait for children of a killed program", async () => {
    const pidFile = join(folder, "pid");
    const child = `const { spawn } = require("node:child_process");
      const { pid } = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit" });
      require("node:fs").writeFileSync(process.argv[1], String(pid)); setInterval(() => {}, 1000);`;
    const controller = new AbortController();
    const { signal } = controller;
    const running = runChild({ program, args: ["-e", child, pidFile], signal });
    const pid = await until("the program starts another", () => {
      const text = existsSync(pidFile) ? readFileSync(pidFile, "utf8") : "";
      return text === "" ? undefined : Number(text);
    });
    controller.abort();

    await expect(running).rejects.toBe(signal.reason);
    expect(process.kill(pid, "SIGKILL")).toBe(true);
  });

  it("does not wait for programs that a program leaves running", async () => {
    // A detached process that inherits the output, like the one that schtasks.exe leaves under
    // Wine.
    const code = `const { spawn } = require("node:child_process");
      const left = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { detached: true, stdio: "inherit" });
      console.log(left.pid); left.unref();`;

    const { exitCode, output } = await runChild(script(code));

    expect(exitCode).toBe(0);
    expect(process.kill(Number(output), "SIGKILL")).toBe(true);
  });

  it("throws the system's error for a missing program", async () => {
    await expect(runChild({ program: "/none/such", args: [] })).rejects.toMatchObject({
      code: "ENOENT",
    });
  });
});

describe("runTool", () => {
  const tool = { errorCode: "ERR_WSB_BUILD", nextStep: "Do this." } as const;

  it("returns nothing after success", async () => {
    await expect(runTool({ ...tool, ...script("") })).resolves.toBeUndefined();
  });

  it.each<[string, Partial<Tool> & Pick<Tool, "program" | "args">]>([
    ["fails", script('console.error("the reason"); process.exitCode = 1;')],
    ["cannot be started", { program: "/none/such", args: [] }],
    ["is ended", { ...script(ENDLESS), timeoutMs: 100 }],
  ])("throws the tool's code when the program %s", async (_, child) => {
    await expect(runTool({ ...tool, ...child })).rejects.toMatchObject({
      code: "ERR_WSB_BUILD",
      message: expect.stringContaining("Do this."),
    });
    await expect(runTool({ ...tool, ...child, errorCode: "ERR_WSB_LAB" })).rejects.toMatchObject({
      code: "ERR_WSB_LAB",
    });
  });

  it("shows the end of the output", async () => {
    const child = script('console.error("the reason"); process.exitCode = 1;');

    await expect(runTool({ ...tool, ...child })).rejects.toThrow(/exit code 1:\nthe reason\n/u);
  });

  it("throws the signal's reason when it aborts", async () => {
    const controller = new AbortController();
    const running = runTool({ ...tool, ...script(ENDLESS), signal: controller.signal });
    controller.abort(new Error("interrupted"));

    await expect(running).rejects.toThrow("interrupted");
  });
});
