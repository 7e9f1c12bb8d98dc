import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, rmdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

import { WsbError } from "../../base/errors.ts";
import { findProgram } from "../../base/find-program.ts";

// Long enough for a person who comes back from lunch; a lab that everybody forgot ends by itself.
const IDLE_LIMIT_S = 3600;

// Fixed, whatever this process has: a longer one may not fit a socket's path.
const SERVER_TEMP = "/tmp";

// What belongs to this process or its desktop and would change or stop programs in the lab.
const DROPPED_VARIABLES = [
  "DISPLAY",
  "WAYLAND_DISPLAY",
  "NODE_OPTIONS",
  "NODE_PATH",
  "NODE_V8_COVERAGE",
  "WINEARCH",
  "WINESERVER",
] as const;

/** Variables for a program in the lab; one set to `undefined` is removed. */
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
    // Below it Debian's wineserver keeps its socket: another one would be a second server.
    TMPDIR: SERVER_TEMP,
    WINEDEBUG: "-all",
    // No offers to fetch Mono and Gecko, no entries in the desktop's menus.
    WINEDLLOVERRIDES: "mscoree,mshtml=;winemenubuilder.exe=d",
    ...extra,
  };
}

/**
 * Removes what the prefix's wineserver keeps outside of it, once it has ended. The folder's random
 * name stands in the prefix; clones have the same one, and a folder each in it.
 */
export function removeServerFolder(prefix: string): void {
  const own = serverFolder(prefix);
  if (own === undefined) return;
  rmSync(own, { recursive: true, force: true });
  try {
    rmdirSync(dirname(own));
  } catch {
    // It is in use by a clone.
  }
}

/** Where the prefix's wineserver keeps its socket and its lock, if it has ever run. */
function serverFolder(prefix: string): string | undefined {
  const file = join(prefix, "wineserver");
  const name = existsSync(file) ? readFileSync(file, "utf8").trim() : "";
  if (!/^wine-\w+$/u.test(name) || !existsSync(join(SERVER_TEMP, name))) return undefined;
  const { dev, ino } = statSync(prefix);
  return join(SERVER_TEMP, name, `server-${dev.toString(16)}-${ino.toString(16)}`);
}

/** Whether the prefix's wineserver is known to run: it locks a file as long as it lives. */
function holdsLock(prefix: string): boolean {
  const folder = serverFolder(prefix);
  const lock = folder && statSync(join(folder, "lock"), { throwIfNoEntry: false });
  if (!lock || !existsSync("/proc/locks")) return false;
  const place = new RegExp(` WRITE \\d+ [\\da-f]+:[\\da-f]+:${String(lock.ino)} `, "u");
  return place.test(readFileSync("/proc/locks", "utf8"));
}

/**
 * Returns Wine's loader for 64-bit programs.
 *
 * Where Debian's wine32 is installed, `wine` is the 32-bit one, under which reg.exe, regsvr32.exe and
 * their like are 32-bit programs and see the registry's 32-bit view.
 */
export function wineProgram(): string {
  return findProgram("wine64", ["/usr/lib/wine"]) ?? "wine";
}

/** Returns the version of the installed Wine, or `undefined` when there is none that runs. */
export function readWineVersion(): string | undefined {
  const { stdout, status } = spawnSync("wine", ["--version"], {
    encoding: "utf8",
    env: { ...process.env, WINEDEBUG: "-all" },
  });
  return status === 0 && stdout.trim() !== "" ? stdout.trim() : undefined;
}

/**
 * Starts the prefix's wineserver unless it runs; it stays an hour after the last program has ended.
 *
 * Without it Wine ends the prefix's services together with the program that was the last to run.
 *
 * @returns Whether it had to be started.
 * @throws {@link WsbError} `ERR_WSB_LAB` when it cannot be started.
 */
export function startWineserver(prefix: string): boolean {
  // Asked before each program, and a process to ask is dear to a large one.
  if (holdsLock(prefix)) return false;
  const { status, error } = spawnSync("wineserver", [`-p${String(IDLE_LIMIT_S)}`], {
    env: wineEnvironment(prefix),
    cwd: "/",
    stdio: "ignore",
  });
  const alreadyRuns = 2;
  if (status === 0 || status === alreadyRuns) return status === 0;
  throw new WsbError(
    "ERR_WSB_LAB",
    `Cannot start wineserver for ${prefix} (exit code ${String(status)}). Remove the lab and make it again: wsb-addin lab down, wsb-addin lab up.`,
    { cause: error },
  );
}
