import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { errorText } from "../src/base/errors.ts";
import { parseWriters } from "../src/base/vss-writers.ts";

/** A value that a prompt offers, with its label. */
export interface Choice {
  readonly value: string;
  readonly name: string;
}

type ListChoices = () => Promise<readonly Choice[]>;

/** Lists that this machine can provide; they are undefined except on Windows. */
export interface Machine {
  /** Lists the VSS writers by their class IDs; rejects without an elevated prompt. */
  readonly listWriters: ListChoices | undefined;
  /** Lists the services by their names. */
  readonly listServices: ListChoices | undefined;
}

/** A list from the machine, or the reason why it is empty. */
export interface Listing {
  readonly choices: readonly Choice[];
  readonly failure: string;
}

// vssadmin asks every writer for its state, and a busy writer answers slowly.
const writersTimeoutMs = 60_000;
const servicesTimeoutMs = 30_000;
const maxOutputBytes = 16 * 1024 * 1024;

// Prints a line for each service. The output of sc.exe depends on the language of Windows.
const listServicesScript = [
  "[Console]::OutputEncoding = [Text.Encoding]::UTF8",
  "Get-Service | Sort-Object Name | ForEach-Object { $_.Name + [char]9 + $_.DisplayName }",
].join("; ");

/** Detects which lists this machine can provide by the Windows programs that it has. */
export function thisMachine(environment: NodeJS.ProcessEnv): Machine {
  const windows = environment["SystemRoot"];
  // With full paths: a program of the same name in the current folder must not run.
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
        : async () => writerChoices(await run(vssadmin, ["list", "writers"], writersTimeoutMs)),
    listServices:
      powershell === undefined
        ? undefined
        : async () => {
            const args = ["-NoProfile", "-NonInteractive", "-Command", listServicesScript];
            return parseServices(await run(powershell, args, servicesTimeoutMs));
          },
  };
}

/** Requests the list when it is needed first, and keeps it. */
export function listOnce(list: ListChoices | undefined): () => Promise<Listing> {
  let listing: Promise<Listing> | undefined;
  const request = async (): Promise<Listing> => {
    try {
      return { choices: (await list?.()) ?? [], failure: "The list is empty." };
    } catch (error) {
      const [reason = ""] = errorText(error).split("\n");
      return { choices: [], failure: `${reason}.` };
    }
  };
  return () => (listing ??= request());
}

async function run(program: string, args: readonly string[], timeoutMs: number): Promise<string> {
  const { execFile } = await import("node:child_process");
  const options = { timeout: timeoutMs, maxBuffer: maxOutputBytes, windowsHide: true };
  const { stdout } = await promisify(execFile)(program, args, options);
  return stdout;
}

/** Returns the writers in the output of `vssadmin list writers`, each id once with all its names. */
export function writerChoices(text: string): readonly Choice[] {
  const names = new Map<string, Set<string>>();
  for (const { id, name } of parseWriters(text))
    names.set(id, (names.get(id) ?? new Set()).add(name));
  return [...names]
    .map(([value, all]) => ({ value, name: `${[...all].join(", ")}  ${value}` }))
    .toSorted((one, other) => one.name.localeCompare(other.name));
}

/** Parses a list of services: name, tab, display name. */
export function parseServices(text: string): readonly Choice[] {
  return text.split(/\r?\n/u).flatMap((line) => {
    const [value = "", displayName = ""] = line.split("\t");
    if (value.trim() === "") return [];
    const name = displayName === "" || displayName === value ? value : `${value}  ${displayName}`;
    return [{ value, name }];
  });
}
