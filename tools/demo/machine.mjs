import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { labFolder } from "../../dist/tools/lab/folder.js";
import { labInfo } from "../../dist/tools/lab/info.js";
import { fromWindowsPath, toWindowsPath } from "../../dist/tools/lab/paths.js";
import { endLabProcesses, killProcesses, processesWith } from "../../dist/tools/lab/processes.js";
import { loadBinding } from "../../dist/runtime/native/binding.js";
import { DemoError, mustRun, run } from "./run.mjs";

const APPLICATION = fileURLToPath(new URL("application/service.mjs", import.meta.url));
const CLI = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

// The add-in runs 5 s after its last client. If it runs longer, its client did not release it.
const SERVER_LIMIT_MS = 8000;
const POLL_MS = 100;

const LIST_SERVERS =
  "Get-CimInstance Win32_Process -Filter 'Name=''node.exe''' | " +
  "Where-Object { $_.CommandLine -and $_.CommandLine.Contains($env:WSB_ADDIN_DEMO_SERVER) } | " +
  "ForEach-Object { $_.ProcessId }";

/** The Windows that the demo runs on: this machine, or the lab. */
export class Machine {
  #lab;
  #signal;

  /** @throws {DemoError} when neither Windows nor the lab is available. */
  constructor(signal) {
    const lab = labInfo(labFolder());
    if (lab === undefined) {
      throw new DemoError(`There is no lab in ${labFolder()}. Run: npm run setup`);
    }
    this.#lab = lab;
    this.#signal = signal;
  }

  /** Describes the machine for people. */
  get description() {
    return this.#lab.kind === "machine"
      ? "this machine's own COM, registry and service manager"
      : `the lab in ${this.#lab.folder} (${this.#lab.wineVersion}, Node.js ${this.#lab.nodeVersion} for Windows)`;
  }

  /** Tells whether this process may register COM classes and services. */
  get isElevated() {
    return this.#lab.kind === "wine" || loadBinding().isElevated();
  }

  /** Returns a folder where only administrators can write, as register requires. */
  get protectedFolder() {
    return this.#lab.kind === "machine"
      ? (process.env["ProgramFiles"] ?? "C:\\Program Files")
      : this.#lab.folder;
  }

  /** Returns the Windows path of %ProgramData%. */
  get programData() {
    return this.#lab.kind === "machine"
      ? (process.env["ProgramData"] ?? "C:\\ProgramData")
      : "C:\\ProgramData";
  }

  toWindows(path) {
    return toWindowsPath(this.#lab, path);
  }

  toHere(path) {
    return fromWindowsPath(this.#lab, path);
  }

  /** Tells whether simulate backup plays VSS here. */
  get playsVss() {
    return this.#lab.kind === "wine";
  }

  /** Runs the application's program, Contoso Ledger, which must succeed. */
  runApplication(args, signal = this.#signal) {
    return this.mustRunProgram("node", [this.toWindows(APPLICATION), ...args], signal);
  }

  /** Runs a Windows program and returns its result, successful or not. */
  runProgram(program, args, signal = this.#signal) {
    return run([process.execPath, CLI, "lab", "run", "--", program, ...args], { signal });
  }

  /** Runs a Windows program that must succeed. */
  mustRunProgram(program, args, signal = this.#signal) {
    const title = [program, ...args].join(" ");
    return mustRun(title, [process.execPath, CLI, "lab", "run", "--", program, ...args], {
      signal,
    });
  }

  /** Runs the wsb-addin of this repository. */
  mustRunCli(args, signal = this.#signal) {
    return mustRun(`wsb-addin ${args.join(" ")}`, [process.execPath, CLI, ...args], { signal });
  }

  /**
   * Exports registry keys with all their contents.
   *
   * @returns {Promise<(string | undefined)[]>} The text of each key; `undefined` for a missing key.
   */
  async exportKeys(keys, folder) {
    mkdirSync(folder, { recursive: true });
    const files = keys.map((_, index) => join(folder, `${index}.reg`));
    const output = await this.#runBatch(
      join(folder, "export.cmd"),
      keys.map((key, index) => `reg export "${key}" "${this.toWindows(files[index])}" /y`),
    );
    const texts = files.map((file) =>
      existsSync(file) ? readFileSync(file, "utf16le") : undefined,
    );
    if (texts.every((text) => text === undefined)) {
      throw new DemoError(`reg export wrote nothing:\n${output}`);
    }
    return texts;
  }

  /**
   * Asks reg.exe whether keys exist.
   *
   * @returns {Promise<boolean[]>} `true` for each existing key.
   */
  async queryKeys(keys, folder) {
    mkdirSync(folder, { recursive: true });
    const output = await this.#runBatch(
      join(folder, "query.cmd"),
      keys.flatMap((key) => [`reg query "${key}" >nul 2>nul`, "echo found=%errorlevel%"]),
    );
    const codes = output.match(/(?<=found=)\d+/gu) ?? [];
    if (codes.length !== keys.length) throw new DemoError(`reg query did not run:\n${output}`);
    return codes.map((code) => code === "0");
  }

  // One cmd.exe for many small programs, because starting each from here takes longer than its run.
  async #runBatch(file, commands) {
    writeFileSync(file, ["@echo off", ...commands, ""].join("\r\n"));
    return (await this.runProgram("cmd.exe", ["/d", "/c", this.toWindows(file)])).output;
  }

  /**
   * Returns the service manager's name of a service's state; `undefined` when it does not exist.
   */
  async serviceState(name) {
    const { exitCode, output } = await this.runProgram("sc.exe", ["query", name]);
    return exitCode === 0 ? (/:\s+\d\s+([A-Z_]+)/u.exec(output)?.[1] ?? "unknown") : undefined;
  }

  /**
   * Waits until the add-in's process has ended. Kills a process whose client was killed, because it
   * would wait much longer.
   */
  async waitForServerExit(serverFile) {
    const deadline = Date.now() + SERVER_LIMIT_MS;
    let pids = await this.#serverPids(serverFile);
    while (pids.length > 0 && Date.now() < deadline) {
      await sleep(POLL_MS);
      pids = await this.#serverPids(serverFile);
    }
    if (pids.length === 0) return;
    if (this.#lab.kind === "wine") {
      // Wine's COM would return the dead server again, and killing only its rpcss would cut off the
      // task scheduler. The next command restarts Windows.
      await killProcesses(pids.map((pid) => ({ pid })));
      await endLabProcesses(this.#lab);
    } else {
      for (const pid of pids) process.kill(pid);
    }
  }

  /** Returns the processes that COM has started with this file. */
  async #serverPids(serverFile) {
    const name = this.toWindows(serverFile);
    if (this.#lab.kind === "wine") {
      return processesWith("WINEPREFIX", this.#lab.prefix)
        .filter(({ commandLine }) => commandLine.includes(name))
        .map(({ pid }) => pid);
    }
    const command = ["powershell.exe", "-NoProfile", "-NonInteractive", "-Command", LIST_SERVERS];
    const env = { ...process.env, WSB_ADDIN_DEMO_SERVER: name };
    const output = await mustRun("Listing processes", command, { env });
    return (output.match(/\d+/gu) ?? []).map(Number);
  }
}
