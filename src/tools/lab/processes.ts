import { spawn } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { WsbError } from "../../base/errors.ts";
import type { MachineLab, WineLab } from "./lab.ts";
import { findWineserver, wineEnvironment } from "./wine.ts";

const POLL_MS = 20;
// Enough for a busy machine to write a registry of megabytes.
const GONE_LIMIT_MS = 60_000;

/** A process of this machine in a prefix. */
export interface LabProcess {
  readonly pid: number;
  /** The command line in Wine, for example `C:\windows\system32\rpcss.exe`. */
  readonly commandLine: string;
}

function readProc(pid: string, file: "environ" | "cmdline"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    // The process has ended or belongs to another user.
    return "";
  }
}

/** Returns the processes whose environment sets `variable` to this value. */
export function processesWith(variable: string, value: string): readonly LabProcess[] {
  const wanted = `\0${variable}=${value}\0`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name))
    .filter((pid) => `\0${readProc(pid, "environ")}\0`.includes(wanted))
    .map((pid) => ({
      pid: Number(pid),
      commandLine: readProc(pid, "cmdline").replaceAll("\0", " ").trim(),
    }));
}

async function waitUntilGone(processes: readonly LabProcess[]): Promise<void> {
  const deadline = Date.now() + GONE_LIMIT_MS;
  // A zombie process has no command line.
  while (processes.some(({ pid }) => readProc(String(pid), "cmdline") !== "")) {
    if (Date.now() > deadline) {
      const pids = processes.map(({ pid }) => String(pid)).join(", ");
      throw new WsbError(
        "ERR_WSB_TIMEOUT",
        `Processes of the lab still run ${String(GONE_LIMIT_MS)} ms after they were killed (${pids}). Inspect them with ps.`,
      );
    }
    await sleep(POLL_MS);
  }
}

/** Kills these processes and waits until they have ended. */
export async function killProcesses(processes: readonly LabProcess[]): Promise<void> {
  for (const { pid } of processes) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // The process has already ended.
    }
  }
  await waitUntilGone(processes);
}

function runWineserver(prefix: string, option: "-k" | "-w"): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(findWineserver() ?? "wineserver", [option], {
      env: wineEnvironment(prefix),
      cwd: "/",
      stdio: "ignore",
    });
    child.once("error", reject);
    // "-k" exits with 1 when nothing runs.
    child.once("exit", () => {
      resolve();
    });
  });
}

function isServer({ commandLine }: LabProcess): boolean {
  return /wineserver/u.test(commandLine);
}

/** Ends all programs and services of the lab. Its registry is on disk afterwards. */
export async function endLabProcesses(
  lab: Pick<WineLab, "kind" | "prefix"> | MachineLab,
): Promise<void> {
  if (lab.kind === "machine") return;
  await runWineserver(lab.prefix, "-k");
  await runWineserver(lab.prefix, "-w");
  const left = processesWith("WINEPREFIX", lab.prefix);
  // The wineserver releases its lock before it writes the registry. Killed now, it would lose
  // changes.
  await waitUntilGone(left.filter((process) => isServer(process)));
  await killProcesses(left.filter((process) => !isServer(process)));
}
