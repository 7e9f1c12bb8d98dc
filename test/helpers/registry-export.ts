import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { toWindowsPath } from "../../src/tools/lab/paths.ts";
import { runInLab } from "../../src/tools/lab/run.ts";
import type { TestLab } from "./test-lab.ts";

const saver = fileURLToPath(
  new URL("../../prebuilds/win32-x64/lab/wsb-lab-registry.exe", import.meta.url),
);

/** All that a registration, or a program that reacts to one, could change. */
const KEYS = ["SOFTWARE", "SYSTEM\\CurrentControlSet\\Services"];

async function mustRun({ lab }: TestLab, program: string, args: readonly string[]): Promise<void> {
  const code = await runInLab(lab, program, args);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}`);
}

/**
 * Everything below HKLM\SOFTWARE and of the services, both views, as text.
 *
 * Wine saves a key as text in a tenth of the time that reg.exe takes to export it. When a key was
 * last written to is left out: to put back what was there is to write it, too.
 */
export async function exportRegistry(testLab: TestLab): Promise<string> {
  const { lab, folder } = testLab;
  const files = KEYS.map((_, index) => join(folder, `registry-${index}`));
  for (const file of files) rmSync(file, { force: true });
  const places = files.map((file) => toWindowsPath(lab, file));
  if (lab.kind === "machine") {
    for (const [index, key] of KEYS.entries()) {
      await mustRun(testLab, "reg.exe", ["export", `HKLM\\${key}`, places[index] ?? "", "/y"]);
    }
    return files.map((file) => readFileSync(file, "utf16le")).join("\n");
  }
  const pairs = KEYS.flatMap((key, index) => [key, places[index] ?? ""]);
  await mustRun(testLab, toWindowsPath(lab, saver), ["save", ...pairs]);
  return files
    .map((file) => readFileSync(file, "latin1"))
    .join("\n")
    .replaceAll(/^#time=.*\n/gmu, "")
    .replaceAll(/^(\[.*\]) \d+$/gmu, "$1");
}

const MOST_LINES = 20;

/** Lines of `text` that `other` does not have, with a sign before each. */
function linesBeyond(other: string, text: string, sign: string): readonly string[] {
  const others = new Set(other.split("\n"));
  const lines = text.split("\n").filter((line) => !others.has(line));
  return lines.map((line) => `${sign} ${line}`);
}

/** Name of the state that `text` is, or the first lines in which it differs from the first one. */
export function nameState(text: string, states: Readonly<Record<string, string>>): string {
  const [known] = Object.entries(states).find(([, state]) => state === text) ?? [];
  if (known !== undefined) return known;
  const first = Object.values(states)[0] ?? "";
  const differences = [...linesBeyond(text, first, "-"), ...linesBeyond(first, text, "+")];
  return differences.slice(0, MOST_LINES).join("\n");
}
