import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { fileError } from "../../../base/file-error.ts";

/** Returns the program that opens a file with its default application. */
function viewer(): string {
  // The full path, so that no program in the current folder runs. From an elevated prompt, Explorer
  // passes the file to the desktop, so that the browser does not run elevated.
  return process.platform === "win32"
    ? join(process.env["SystemRoot"] ?? "C:\\Windows", "explorer.exe")
    : "xdg-open";
}

/**
 * Opens a file like a double-click, without a shell. Returns when the program has started.
 *
 * @throws {@link WsbError} `ERR_WSB_FILE` if there is no such program.
 */
export async function openFile(path: string): Promise<void> {
  const program = viewer();
  try {
    const child = spawn(program, [path], { detached: true, stdio: "ignore" });
    await once(child, "spawn");
    child.unref();
  } catch (error) {
    throw fileError(`Cannot show ${path} with ${program}`, "Open the file by hand.", error);
  }
}
