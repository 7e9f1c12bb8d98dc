import { KEEP_ALIVE_MODULE, type WineLab } from "./lab.ts";
import { runSetupProgram } from "./run-setup-program.ts";

// Wine gives these variables to each program that it starts, the servers of COM included.
const ENVIRONMENT = "HKLM\\System\\CurrentControlSet\\Control\\Session Manager\\Environment";

/**
 * The text of a module for Node.js. `fetch` asks for keep-alive probes before it connects. Wine 8
 * does not know that socket option, and node.exe gives the connection up. Without probes, only a
 * connection that is idle for minutes differs.
 */
export const KEEP_ALIVE_TEXT: string = `"use strict";
const { Socket } = require("node:net");
Socket.prototype.setKeepAlive = function setKeepAlive() {
  return this;
};
`;

/** Makes each node.exe in the lab connect without keep-alive probes, so that `fetch` works. */
export async function leaveOutKeepAlive(lab: WineLab, signal?: AbortSignal): Promise<void> {
  // Between quotes, Node.js reads a backslash as an escape.
  const options = `--require "${KEEP_ALIVE_MODULE.replaceAll("\\", "\\\\")}"`;
  const args = ["add", ENVIRONMENT, "/v", "NODE_OPTIONS", "/d", options, "/f"];
  await runSetupProgram(lab, "reg.exe", args, signal);
}
