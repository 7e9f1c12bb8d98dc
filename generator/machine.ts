import { existsSync } from "node:fs";
import { join } from "node:path";
import { errorText } from "../src/base/errors.ts";
import { parseWriters } from "../src/base/vss-writers.ts";

/** A value that a prompt offers, with its label. */
export interface Choice {
  readonly value: string;
  readonly name: string;
}

type ListChoices = () => Promise<readonly Choice[]>;

/** What this machine tells; the lists are undefined except on Windows. */
export interface Machine {
  /** Lists the VSS writers by their class IDs; rejects without an elevated prompt. */
  readonly listWriters: ListChoices | undefined;
  /** Lists the services by their names. */
  readonly listServices: ListChoices | undefined;
  /** Returns those of the services that the commands of the kit would not find. */
  readonly missingServices: (names: readonly string[]) => Promise<readonly string[]>;
}

/** A list from the machine, or the reason why it is empty. */
export interface Listing {
  readonly choices: readonly Choice[];
  /** Why there is no list; a program's own words begin on a line of their own. */
  readonly failure?: string;
}

// vssadmin asks every writer for its state, and a busy writer answers slowly.
const writersTimeoutMs = 60_000;
const servicesTimeoutMs = 30_000;
const maxOutputBytes = 16 * 1024 * 1024;

// Windows decodes what vssadmin prints: in the code page of the console that both programs share.
// An environment variable has the path of vssadmin, so that the script never changes.
const vssadminVariable = "WSB_ADDIN_VSSADMIN";
/** Prints in UTF-8 what `vssadmin list writers` prints, and ends with its exit code. */
export const listWritersScript: string = [
  `$lines = & $env:${vssadminVariable} list writers 2>&1 | ForEach-Object { "$_" }`,
  "$code = $LASTEXITCODE",
  "[Console]::OutputEncoding = [Text.Encoding]::UTF8",
  "$lines",
  "exit $code",
].join("; ");
// ERROR_SERVICE_DOES_NOT_EXIST of winerror.h, with which sc.exe ends in every language.
const noSuchService = 1060;

// Prints a line for each service. The output of sc.exe depends on the language of Windows.
const listServicesScript = [
  "[Console]::OutputEncoding = [Text.Encoding]::UTF8",
  "Get-Service | Sort-Object Name | ForEach-Object { $_.Name + [char]9 + $_.DisplayName }",
].join("; ");

/** Detects which lists this machine can provide by the Windows programs that it has. */
export function thisMachine(environment: NodeJS.ProcessEnv, run: Run = runProgram): Machine {
  const windows = environment["SystemRoot"];
  // With full paths: a program of the same name in the current folder must not run.
  const program = (...path: readonly string[]): string | undefined => {
    const file = windows === undefined ? undefined : join(windows, "System32", ...path);
    return file !== undefined && existsSync(file) ? file : undefined;
  };
  const vssadmin = program("vssadmin.exe");
  const powershell = program("WindowsPowerShell", "v1.0", "powershell.exe");
  const sc = program("sc.exe");
  if (powershell === undefined) {
    return { listWriters: undefined, listServices: undefined, missingServices };
  }
  const script = async (what: string, text: string, options: RunOptions): Promise<string> => {
    const args = ["-NoProfile", "-NonInteractive", "-Command", text];
    const { exitCode, output } = await run(powershell, args, options);
    if (exitCode === 0) return output;
    throw new Error(`${what} failed (${exitCode}). It says:\n${wordsOf(output)}`);
  };
  return {
    listWriters: vssadmin === undefined ? undefined : listWriters,
    listServices: async () =>
      parseServices(
        await script("The list of services", listServicesScript, { timeoutMs: servicesTimeoutMs }),
      ),
    missingServices,
  };

  async function listWriters(): Promise<readonly Choice[]> {
    const env = { ...environment, [vssadminVariable]: vssadmin };
    const what = "vssadmin list writers";
    const text = await script(what, listWritersScript, { timeoutMs: writersTimeoutMs, env });
    const choices = writerChoices(text);
    if (choices.length > 0) return choices;
    throw new Error(`${what} shows no writer. It says:\n${wordsOf(text)}`);
  }

  /** Elsewhere than on Windows, the commands run in the lab, where no service of an application is. */
  async function missingServices(names: readonly string[]): Promise<readonly string[]> {
    if (sc === undefined) return names;
    const found = await Promise.all(
      names.map(async (name) => {
        const { exitCode } = await run(sc, ["query", name], { timeoutMs: servicesTimeoutMs });
        return exitCode === noSuchService ? [name] : [];
      }),
    );
    return found.flat();
  }
}

const keptCharacters = 1000;

/** The end of a program's output, indented for a message. */
function wordsOf(output: string): string {
  const words = output.trim().slice(-keptCharacters).trim();
  return words === "" ? "  nothing" : words.replace(/^[^\S\r\n]*(?=\S)/gmu, "  ");
}

/** Requests the list when it is needed first, and keeps it. */
export function listOnce(list: ListChoices | undefined): () => Promise<Listing> {
  let listing: Promise<Listing> | undefined;
  const request = async (): Promise<Listing> => {
    try {
      return { choices: (await list?.()) ?? [] };
    } catch (error) {
      return { choices: [], failure: errorText(error) };
    }
  };
  return () => (listing ??= request());
}

interface RunOptions {
  readonly timeoutMs: number;
  readonly env?: NodeJS.ProcessEnv;
}

interface Ending {
  readonly exitCode: number;
  readonly output: string;
}

/** Runs a program with a hidden console of its own. Rejects if it cannot start or does not end. */
type Run = (program: string, args: readonly string[], options: RunOptions) => Promise<Ending>;

async function runProgram(
  program: string,
  args: readonly string[],
  { timeoutMs, env = process.env }: RunOptions,
): Promise<Ending> {
  const { execFile } = await import("node:child_process");
  const options = { timeout: timeoutMs, maxBuffer: maxOutputBytes, windowsHide: true, env };
  return new Promise((resolve, reject) => {
    execFile(program, [...args], options, (error, stdout, stderr) => {
      if (error === null) resolve({ exitCode: 0, output: stdout });
      else if (typeof error.code === "number") {
        resolve({ exitCode: error.code, output: stdout + stderr });
      } else if (error.killed === true) {
        reject(new Error(`${program} did not end within ${timeoutMs / 1000} s.`));
      } else reject(error);
    });
  });
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
