import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, rmdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

import { WsbError } from "../../base/errors.ts";
import { findProgram } from "../../base/find-program.ts";

// wineserver's option to run until it is ended.
const KEEP_RUNNING = "-p";

// Debian's wineserver keeps its socket here when there is no login session. The folder is the same
// for every process of the lab, because none has a TMPDIR.
const SERVER_TEMP = "/tmp";

// Not every Debian has wine64 and wineserver on the PATH.
const WINE_FOLDERS = ["/usr/lib/wine", "/usr/lib/x86_64-linux-gnu/wine"];

// Variables of this process or its desktop that would disturb programs in the lab.
const DROPPED_VARIABLES = [
  "DISPLAY",
  "WAYLAND_DISPLAY",
  "NODE_OPTIONS",
  "NODE_PATH",
  "NODE_V8_COVERAGE",
  "WINEARCH",
  "WINESERVER",
  // Without a login session, Debian 13's wineserver crashes when it is set.
  "TMPDIR",
] as const;

/** The variables for a program in the lab; `undefined` removes a variable. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Returns the environment of a Wine program in `prefix`. */
export function wineEnvironment(prefix: string, extra: Variables = {}): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env };
  for (const name of DROPPED_VARIABLES) delete environment[name];
  return {
    ...environment,
    // Wine decodes arguments by the locale.
    LC_ALL: "C.UTF-8",
    WINEPREFIX: prefix,
    WINEDEBUG: "-all",
    // Suppresses the offer to download Gecko, the entries in the desktop's menus, and the debugger,
    // which takes seconds to end a crashed program, with exit code 0. mscoree stays, because without
    // it no program for .NET starts. Wine's offer to download Mono needs a display, which programs in
    // the lab do not have.
    WINEDLLOVERRIDES: "mshtml=;winedbg.exe,winemenubuilder.exe=d",
    ...extra,
  };
}

/** Returns the folder that Debian's Wine made for this prefix and its clones. */
function ownServerRoot(prefix: string): string | undefined {
  const file = join(prefix, "wineserver");
  const name = existsSync(file) ? readFileSync(file, "utf8").trim() : "";
  return /^wine-\w+$/u.test(name) ? join(SERVER_TEMP, name) : undefined;
}

/** Returns the folder of the wineserver's socket and lock; `undefined` if it has never run. */
function serverFolder(prefix: string): string | undefined {
  const user = String(process.getuid?.());
  const { dev, ino } = statSync(prefix);
  const name = `server-${dev.toString(16)}-${ino.toString(16)}`;
  // Debian without a login session, Debian with one, Wine's own choice.
  return [ownServerRoot(prefix), `/run/user/${user}/wine`, join(SERVER_TEMP, `.wine-${user}`)]
    .filter((root) => root !== undefined)
    .map((root) => join(root, name))
    .find((folder) => existsSync(folder));
}

/**
 * Removes the files that the prefix's wineserver kept outside of the prefix; call it after the
 * server has ended.
 */
export function removeServerFolder(prefix: string): void {
  const own = serverFolder(prefix);
  if (own === undefined) return;
  rmSync(own, { recursive: true, force: true });
  if (dirname(own) !== ownServerRoot(prefix)) return;
  try {
    rmdirSync(dirname(own));
  } catch {
    // A clone still uses it.
  }
}

/** Returns the id of the prefix's wineserver, which locks a file while it runs. */
function findServer(prefix: string): string | undefined {
  const folder = serverFolder(prefix);
  const lock = folder && statSync(join(folder, "lock"), { throwIfNoEntry: false });
  if (!lock || !existsSync("/proc/locks")) return undefined;
  const place = new RegExp(` WRITE (\\d+) [\\da-f]+:[\\da-f]+:${String(lock.ino)} `, "u");
  return place.exec(readFileSync("/proc/locks", "utf8"))?.[1];
}

/**
 * Tells how long the prefix's wineserver runs: until it is ended, or only a few seconds longer than
 * the last program. It then ends the services too.
 *
 * @returns `undefined` when it does not run.
 */
export function serverLifetime(prefix: string): "kept" | "brief" | undefined {
  const pid = findServer(prefix);
  if (pid === undefined) return undefined;
  const file = `/proc/${pid}/cmdline`;
  const args = existsSync(file) ? readFileSync(file, "utf8").split("\0") : [];
  return args.includes(KEEP_RUNNING) ? "kept" : "brief";
}

/**
 * Returns Wine's loader for 64-bit programs.
 *
 * With Debian's package wine32, `wine` is the 32-bit loader, which runs 32-bit versions of reg.exe
 * and regsvr32.exe that see the 32-bit view of the registry.
 */
export function wineProgram(): string {
  return findProgram("wine64", WINE_FOLDERS) ?? "wine";
}

let launcher: readonly string[] | undefined;

/**
 * Returns the command that starts Wine's loader with a fixed layout of its memory; empty where Linux
 * refuses it, as some containers do.
 *
 * Otherwise, from Linux 6.9 on, the heap of a loader without preloader begins anywhere in a gigabyte
 * above 0x7D000000. One start of some 2,000 finds it where Windows keeps its clock (0x7FFE0000), and
 * ends with exit code 1 without a word. Wine's own services start their programs in the same way.
 */
function fixedLayout(): readonly string[] {
  if (launcher === undefined) {
    const setarch = findProgram("setarch");
    const isAllowed = setarch !== undefined && spawnSync(setarch, ["-R", "true"]).status === 0;
    launcher = isAllowed ? [setarch, "-R"] : [];
  }
  return launcher;
}

/** Returns program and arguments that run a Windows program. */
export function wineCommand(args: readonly string[]): readonly [program: string, args: string[]] {
  const [program = "", ...more] = [...fixedLayout(), wineProgram(), ...args];
  return [program, more];
}

/** Returns the program wineserver, which runs once for each prefix. */
export function findWineserver(): string | undefined {
  return findProgram("wineserver", WINE_FOLDERS);
}

/** Returns the version of the installed Wine, or `undefined` when Wine is missing or broken. */
export function readWineVersion(): string | undefined {
  const { stdout, status } = spawnSync("wine", ["--version"], {
    encoding: "utf8",
    env: { ...process.env, WINEDEBUG: "-all" },
  });
  return status === 0 && stdout.trim() !== "" ? stdout.trim() : undefined;
}

/**
 * Starts the prefix's wineserver unless it runs. It runs until it is ended.
 *
 * Without it, Wine ends the prefix's services together with the last program.
 *
 * @returns `false` when it already ran.
 * @throws {@link WsbError} `ERR_WSB_LAB` when it cannot be started.
 */
export function startWineserver(prefix: string): boolean {
  // Checked before each program. Starting a process to ask is slow for a large process.
  if (findServer(prefix) !== undefined) return false;
  const { status, error } = spawnSync(findWineserver() ?? "wineserver", [KEEP_RUNNING], {
    env: wineEnvironment(prefix),
    cwd: "/",
    stdio: "ignore",
  });
  const alreadyRuns = 2;
  if (status === 0 || status === alreadyRuns) return status === 0;
  throw new WsbError(
    "ERR_WSB_LAB",
    `Cannot start wineserver for ${prefix} (exit code ${String(status)}). Make the lab again: wsb-addin lab down, wsb-addin lab up.`,
    { cause: error },
  );
}
