import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { fileError } from "../../../base/file-error.ts";

/** The program that shows a file with whatever this system shows such files with. */
function viewer(): string {
  // By its path: a program of that name in the current folder is not meant. From an elevated prompt
  // it hands the file to the desktop, so that the browser does not run elevated.
  return process.platform === "win32"
    ? join(process.env["SystemRoot"] ?? "C:\\Windows", "explorer.exe")
    : "xdg-open";
}

/**
 * Shows a file as a double-click would; no shell reads its path. Returns as soon as the program that
 * shows it has been started.
 *
 * @throws {@link WsbError} `ERR_WSB_FILE` when there is no such program.
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
