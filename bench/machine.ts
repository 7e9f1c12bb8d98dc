import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";

import type { WineLab } from "../src/tools/lab/lab.ts";

const GIB = 2 ** 30;

function systemName(): string {
  const release = readFileSync("/etc/os-release", "utf8");
  return /^PRETTY_NAME="(.*)"$/mu.exec(release)?.[1] ?? "Linux";
}

/** Describes processor, cores, memory and systems of this machine in one line. */
export function describeMachine({ wineVersion, nodeVersion }: WineLab): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? "";
  const memory = `${Math.round(totalmem() / GIB)} GiB`;
  const processor = `${processors.length} × ${model === "" || model === "unknown" ? "x64" : model}`;
  // "wine-8.0 (Debian 8.0~repack-4)": the first word is the version.
  const wine = wineVersion.split(" ")[0] ?? wineVersion;
  return `${processor}, ${memory}, ${systemName()}, ${wine}, node.exe ${nodeVersion}`;
}

/** Returns the checked-out commit. */
export function currentCommit(root: string): string {
  return execFileSync("git", ["rev-parse", "--short=10", "HEAD"], {
    cwd: root,
    encoding: "utf8",
  }).trim();
}
