import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import {
  createCheckerRunner,
  judgeExitCode,
  type CheckerExitCodes,
  type CheckerOptions,
  type RunChecker,
} from "../../../../src/runtime/addin/checker.ts";
import type { ProgramRunnerOptions } from "../../../../src/runtime/addin/program.ts";
import { FakeProcesses } from "../../../helpers/fakes/fake-processes.ts";
import { NativeError } from "../../../helpers/fakes/native-error.ts";

const FILE = "C:\\Program Files\\Ledger\\check.exe";

let processes: FakeProcesses;
let check: AbortController;
let lines: string[];
let runChecker: RunChecker;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubEnv("Path", "C:\\Windows");
  processes = new FakeProcesses();
  check = new AbortController();
  lines = [];
  runChecker = createCheckerRunner({
    startProcess: processes.startProcess,
    signal: check.signal,
    log: { info: (message) => lines.push(message) },
  });
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

/** Returns a checker runner with this `startProcess`. */
function runnerOf(startProcess: ProgramRunnerOptions["startProcess"]): RunChecker {
  return createCheckerRunner({ startProcess, signal: check.signal, log: { info: () => {} } });
}

/** Runs a checker with this result. */
function runTo(exitCode: number, output: string, options: Partial<CheckerOptions> = {}) {
  const running = runChecker({ file: FILE, ...options });
  processes.last.end(exitCode, output);
  return running;
}

describe("judgeExitCode", () => {
  it.each<readonly [number, CheckerExitCodes | undefined, string]>([
    [0, undefined, "consistent"],
    [1, undefined, "inconsistent"],
    [0xbfffffff, undefined, "inconsistent"],
    [0xc0000005, undefined, "crash"],
    [0xffffffff, undefined, "crash"],
    [0, { consistent: [2, 3] }, "inconsistent"],
    [3, { consistent: [2, 3] }, "consistent"],
    [1, { inconsistent: [1] }, "inconsistent"],
    [2, { inconsistent: [1] }, "unknown"],
    [0, { inconsistent: [1] }, "consistent"],
    [0xffffffff, { inconsistent: [-1] }, "inconsistent"],
    [0xffffffff, { consistent: [-1] }, "consistent"],
    [0xc0000005, { inconsistent: [1] }, "crash"],
    // A code in both lists counts as inconsistent.
    [1, { consistent: [1], inconsistent: [1] }, "consistent"],
  ])("judges %i with %j as %s", (exitCode, codes, expected) => {
    expect(judgeExitCode(exitCode, codes)).toBe(expected);
  });
});

describe("a checker", () => {
  it("is started by its full path, with its arguments, in its own folder", async () => {
    await runTo(0, "", { args: ["/k", "D:\\a b\\"] });
    expect(processes.last.options).toMatchObject({
      file: FILE,
      commandLine: `"${FILE}" "/k" "D:\\a b\\\\"`,
      folder: "C:\\Program Files\\Ledger",
      outputBytes: 16 * 1024,
    });
  });

  it("gets the add-in's variables with the changes, each name once in any case", async () => {
    await runTo(0, "", { cwd: "D:\\", env: { PATH: "D:\\", Ledger: "1", Home: undefined } });
    const { environment, folder } = processes.last.options;
    expect(folder).toBe("D:\\");
    expect(environment.filter((one) => /^(?:path|ledger|home)=/iu.test(one))).toEqual([
      "Ledger=1",
      "PATH=D:\\",
    ]);
    const names = environment.map((one) => one.slice(0, one.indexOf("=")).toUpperCase());
    expect(names).toEqual(names.toSorted());
  });

  it("that finds everything consistent resolves with its output", async () => {
    expect(await runTo(0, "all is well\n")).toEqual({ exitCode: 0, output: "all is well\n" });
    expect(lines).toEqual([
      `${FILE} runs as process 100.`,
      `${FILE} ended with exit code 0 after 0.0 s. The end of its output:\nall is well\n`,
    ]);
    expect(processes.last.kills).toBe(0);
  });

  it.each<readonly [string, number, CheckerExitCodes | undefined, string, string]>([
    ["an inconsistency", 2, undefined, "ERR_WSB_INCONSISTENT", "exit code 2"],
    ["a crash", 0xc0000005, undefined, "ERR_WSB_CHECKER", "0xC0000005"],
    ["a code without a meaning", 2, { inconsistent: [1] }, "ERR_WSB_CHECKER", "exit code 2"],
  ])("that ends with %s rejects with its code and its last line", async (...row) => {
    const [, exitCode, exitCodes, code, text] = row;
    const running = runTo(exitCode, "page 3\r\npage 17 torn\r\n\r\n", exitCodes && { exitCodes });
    await expect(running).rejects.toMatchObject({ code });
    await expect(running).rejects.toThrow(text);
    await expect(running).rejects.toThrow('("page 17 torn")');
    await expect(running).rejects.toThrow(FILE);
  });

  it("that writes nothing is reported so", async () => {
    await expect(runTo(2, "")).rejects.toThrow("exit code 2.");
    expect(lines.at(-1)).toContain("It wrote nothing.");
  });

  it("that cannot be started rejects with Windows' reason", async () => {
    const run = runnerOf(() => {
      throw new NativeError(0x80070002, "CreateProcessW");
    });
    await expect(run({ file: FILE })).rejects.toMatchObject({
      code: "ERR_WSB_CHECKER",
      hresult: 0x80070002,
      api: "CreateProcessW",
      message: expect.stringContaining(FILE),
    });
  });

  it.each([
    ["the check", () => check],
    ["its own signal", (own: AbortController) => own],
  ])(
    "is killed when %s is aborted, and rejects with the reason after it has ended",
    async (_, which) => {
      const own = new AbortController();
      const running = runChecker({ file: FILE, signal: own.signal });
      const reason = new Error("enough");
      which(own).abort(reason);
      expect(processes.last.kills).toBe(1);
      await expect(running).rejects.toBe(reason);
      expect(lines.at(-1)).toContain("was killed after");
      expect(lines.at(-1)).toContain("so far");
    },
  );

  it("is not started after the check was aborted", async () => {
    const reason = new Error("enough");
    check.abort(reason);
    await expect(runChecker({ file: FILE })).rejects.toBe(reason);
    expect(processes.started).toEqual([]);
  });

  it("is killed at its time limit", async () => {
    const running = runChecker({ file: FILE, timeoutMs: 5000 });
    const outcome = expect(running).rejects.toMatchObject({ code: "ERR_WSB_TIMEOUT" });
    await vi.advanceTimersByTimeAsync(4999);
    expect(processes.last.kills).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(processes.last.kills).toBe(1);
    await outcome;
  });

  it("leaves neither timer nor listener behind", async () => {
    await runTo(0, "", { timeoutMs: 5000 });
    expect(vi.getTimerCount()).toBe(0);
    check.abort();
    expect(processes.last.kills).toBe(0);
  });

  it("whose result Windows does not know rejects", async () => {
    const ended = Promise.resolve({ exitCode: null, output: "" });
    const run = runnerOf(() => ({ pid: 1, ended, kill: () => {} }));
    await expect(run({ file: FILE })).rejects.toMatchObject({ code: "ERR_WSB_CHECKER" });
  });
});

describe("an invalid option", () => {
  it.each<readonly [string, Partial<CheckerOptions>]>([
    ["a name without a path", { file: "check.exe" }],
    ["a relative path", { file: "bin\\check.exe" }],
    ["a path without a drive", { file: "\\bin\\check.exe" }],
    ["a drive without a path", { file: "C:check.exe" }],
    ["a quote in the path", { file: 'C:\\a".exe' }],
    ["a NUL in the path", { file: "C:\\a\0.exe" }],
    ["a batch file", { file: "C:\\check.bat" }],
    ["a batch file in capitals with dots and blanks", { file: "C:\\check.CMD. ." }],
    ["a relative working folder", { cwd: "data" }],
    ["a NUL in an argument", { args: ["a\0b"] }],
    ["too many arguments", { args: Array.from({ length: 4000 }, () => "12345678") }],
    ["no time", { timeoutMs: 0 }],
    ["a negative time", { timeoutMs: -1 }],
    ["no number for time", { timeoutMs: Number.NaN }],
    ["more time than a timer has", { timeoutMs: 2 ** 31 }],
    ["a variable without a name", { env: { "": "1" } }],
    ["an equals sign in a variable's name", { env: { "a=b": "1" } }],
    ["a NUL in a variable", { env: { a: "b\0c" } }],
  ])("%s is refused before anything is started", async (_, options) => {
    await expect(runChecker({ file: FILE, ...options })).rejects.toMatchObject({
      code: "ERR_WSB_INVALID_ARGUMENT",
    });
    expect(processes.started).toEqual([]);
  });

  it.each(["c:/tools/check.exe", "\\\\server\\share\\check.exe", "\\\\?\\C:\\check.exe"])(
    "%s is a full path",
    async (file) => {
      expect(await runTo(0, "", { file })).toEqual({ exitCode: 0, output: "" });
    },
  );
});
