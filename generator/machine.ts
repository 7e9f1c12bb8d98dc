import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Choice } from "./choices.ts";

/** What this machine can be asked for; absent where it cannot, which is everywhere but on Windows. */
export interface Machine {
  /** VSS writers by their class ids; rejects without an elevated prompt. */
  readonly listWriters: (() => Promise<readonly Choice<string>[]>) | undefined;
  /** Services by their names. */
  readonly listServices: (() => Promise<readonly Choice<string>[]>) | undefined;
}

// Every writer is asked for its state, and a busy one takes its time.
const writersTimeoutMs = 60_000;
const servicesTimeoutMs = 30_000;
const maxOutputBytes = 16 * 1024 * 1024;

// One line a service; the words that sc.exe prints depend on the language of Windows.
const listServicesScript = [
  "[Console]::OutputEncoding = [Text.Encoding]::UTF8",
  "Get-Service | Sort-Object Name | ForEach-Object { $_.Name + [char]9 + $_.DisplayName }",
].join("; ");

/** Finds out what this machine can be asked for, by the programs of Windows that it has. */
export function thisMachine(environment: NodeJS.ProcessEnv): Machine {
  const windows = environment["SystemRoot"];
  // By their full paths: a program of that name in the current folder is somebody else's.
  const program = (...path: readonly string[]): string | undefined => {
    const file = windows === undefined ? undefined : join(windows, "System32", ...path);
    return file !== undefined && existsSync(file) ? file : undefined;
  };
  const vssadmin = program("vssadmin.exe");
  const powershell = program("WindowsPowerShell", "v1.0", "powershell.exe");
  return {
    listWriters:
      vssadmin === undefined
        ? undefined
        : async () => parseWriters(await run(vssadmin, ["list", "writers"], writersTimeoutMs)),
    listServices:
      powershell === undefined
        ? undefined
        : async () => {
            const args = ["-NoProfile", "-NonInteractive", "-Command", listServicesScript];
            return parseServices(await run(powershell, args, servicesTimeoutMs));
          },
  };
}

async function run(program: string, args: readonly string[], timeoutMs: number): Promise<string> {
  const { execFile } = await import("node:child_process");
  const options = { timeout: timeoutMs, maxBuffer: maxOutputBytes, windowsHide: true };
  const { stdout } = await promisify(execFile)(program, args, options);
  return stdout;
}

/**
 * Reads what `vssadmin list writers` prints, in any language: a paragraph for each writer, with its
 * name in quotes and its class id as the first of two GUIDs.
 */
export function parseWriters(text: string): readonly Choice<string>[] {
  const writers = new Map<string, string>();
  for (const paragraph of text.split(/\r?\n\s*\r?\n/u)) {
    const [id, instance] = paragraph.match(/\{[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\}/giu) ?? [];
    const [head = ""] = paragraph.trimStart().split(/\r?\n/u);
    const name = /['"«„“‘](.+)['"»“”’]/u.exec(head)?.[1] ?? head.split(":").slice(1).join(":");
    // A writer of several instances is there several times.
    if (id !== undefined && instance !== undefined) writers.set(id.toUpperCase(), name.trim());
  }
  return [...writers]
    .map(([value, name]) => ({ value, name: `${name}  ${value}` }))
    .toSorted((one, other) => one.name.localeCompare(other.name));
}

/** Reads a list of services: name, tab, display name. */
export function parseServices(text: string): readonly Choice<string>[] {
  return text.split(/\r?\n/u).flatMap((line) => {
    const [value = "", displayName = ""] = line.split("\t");
    if (value.trim() === "") return [];
    const name = displayName === "" || displayName === value ? value : `${value}  ${displayName}`;
    return [{ value, name }];
  });
}
