import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { toWindowsPath } from "../../../src/tools/lab/paths.ts";
import { runInLab } from "../../../src/tools/lab/run.ts";
import type { TestLab } from "./test-lab.ts";

const saver = fileURLToPath(
  new URL("../../../prebuilds/win32-x64/lab/wsb-lab-registry.exe", import.meta.url),
);

/** The keys that a registration, or a program that reacts to it, could change. */
const KEYS = ["SOFTWARE", "SYSTEM\\CurrentControlSet\\Services"];

async function mustRun({ lab }: TestLab, program: string, args: readonly string[]): Promise<void> {
  const code = await runInLab(lab, program, args);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}`);
}

/**
 * Returns HKLM\SOFTWARE and the services in both views, as text.
 *
 * Wine saves a key as text ten times faster than reg.exe exports it. The text omits the times of
 * the last change, because restoring a value changes them too.
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

/** Returns the lines of `text` that `other` does not have, each with a sign. */
function linesBeyond(other: string, text: string, sign: string): readonly string[] {
  const others = new Set(other.split("\n"));
  const lines = text.split("\n").filter((line) => !others.has(line));
  return lines.map((line) => `${sign} ${line}`);
}

/** Returns the name of the state of `text`, or the first lines that differ from the first state. */
export function nameState(text: string, states: Readonly<Record<string, string>>): string {
  const [known] = Object.entries(states).find(([, state]) => state === text) ?? [];
  if (known !== undefined) return known;
  const first = Object.values(states)[0] ?? "";
  const differences = [...linesBeyond(text, first, "-"), ...linesBeyond(first, text, "+")];
  return differences.slice(0, MOST_LINES).join("\n");
}
