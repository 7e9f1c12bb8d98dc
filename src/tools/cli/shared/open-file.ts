import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

interface Desktop {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
}

/** Returns the program that opens a file with its default application; `undefined` without a display. */
function viewer({ platform, env }: Desktop): string | undefined {
  if (platform !== "win32") {
    const hasDisplay = Boolean(env["DISPLAY"]) || Boolean(env["WAYLAND_DISPLAY"]);
    return hasDisplay ? "xdg-open" : undefined;
  }
  // The full path, so that no program in the current folder runs. From an elevated prompt, Explorer
  // passes the file to the desktop, so that the browser does not run elevated.
  return join(env["SystemRoot"] ?? "C:\\Windows", "explorer.exe");
}

/**
 * Opens a file like a double-click, without a shell. Returns when the program has started.
 *
 * @returns Whether there is a desktop to open it on.
 */
export async function openFile(path: string, desktop: Desktop = process): Promise<boolean> {
  const program = viewer(desktop);
  if (program === undefined) return false;
  const child = spawn(program, [path], { detached: true, stdio: "ignore" });
  try {
    await once(child, "spawn");
  } catch {
    // Server Core has no Explorer.
    return false;
  }
  child.unref();
  return true;
}
