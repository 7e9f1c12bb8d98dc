import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, rmdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

import { WsbError } from "../../base/errors.ts";
import { findProgram } from "../../base/find-program.ts";

// Long enough to survive a lunch break; a forgotten lab ends after that.
const IDLE_LIMIT_S = 3600;

// Fixed, because a longer folder may not fit into a socket's path.
const SERVER_TEMP = "/tmp";

// Variables of this process or its desktop that would disturb programs in the lab.
const DROPPED_VARIABLES = [
  "DISPLAY",
  "WAYLAND_DISPLAY",
  "NODE_OPTIONS",
  "NODE_PATH",
  "NODE_V8_COVERAGE",
  "WINEARCH",
  "WINESERVER",
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
    // Debian's wineserver keeps its socket below this folder; another folder would start a second
    // server.
    TMPDIR: SERVER_TEMP,
    WINEDEBUG: "-all",
    // Suppresses the offers to download Mono and Gecko and the entries in the desktop's menus.
    WINEDLLOVERRIDES: "mscoree,mshtml=;winemenubuilder.exe=d",
    ...extra,
  };
}

/**
 * Removes the files that the prefix's wineserver kept outside of the prefix; call it after the
 * server has ended. The prefix contains the folder's random name; clones share the folder, with a
 * subfolder each.
 */
export function removeServerFolder(prefix: string): void {
  const own = serverFolder(prefix);
  if (own === undefined) return;
  rmSync(own, { recursive: true, force: true });
  try {
    rmdirSync(dirname(own));
  } catch {
    // A clone still uses it.
  }
}

/** Returns the folder of the wineserver's socket and lock; `undefined` if it has never run. */
function serverFolder(prefix: string): string | undefined {
  const file = join(prefix, "wineserver");
  const name = existsSync(file) ? readFileSync(file, "utf8").trim() : "";
  if (!/^wine-\w+$/u.test(name) || !existsSync(join(SERVER_TEMP, name))) return undefined;
  const { dev, ino } = statSync(prefix);
  return join(SERVER_TEMP, name, `server-${dev.toString(16)}-${ino.toString(16)}`);
}

/** Tells whether the prefix's wineserver runs: it locks a file while it runs. */
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
 * With Debian's package wine32, `wine` is the 32-bit loader, which runs 32-bit versions of reg.exe
 * and regsvr32.exe that see the 32-bit view of the registry.
 */
export function wineProgram(): string {
  return findProgram("wine64", ["/usr/lib/wine"]) ?? "wine";
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
 * Starts the prefix's wineserver unless it runs. It ends an hour after the last program.
 *
 * Without it, Wine ends the prefix's services together with the last program.
 *
 * @returns `false` when it already ran.
 * @throws {@link WsbError} `ERR_WSB_LAB` when it cannot be started.
 */
export function startWineserver(prefix: string): boolean {
  // Checked before each program. Starting a process to ask is slow for a large process.
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
    `Cannot start wineserver for ${prefix} (exit code ${String(status)}). Make the lab again: wsb-addin lab down, wsb-addin lab up.`,
    { cause: error },
  );
}
