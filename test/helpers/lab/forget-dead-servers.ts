import type { Lab } from "../../../src/tools/lab/lab.ts";
import { killProcesses, processesWith } from "../../../src/tools/lab/processes.ts";

/**
 * Resets the lab's COM after servers were killed.
 *
 * Wine keeps a dead server's registration: every activation fails with `0x800706BA` until its rpcss
 * ends. The next activation starts rpcss again. Services keep running.
 */
export async function forgetDeadServers(lab: Lab): Promise<void> {
  if (lab.kind === "machine") return;
  const rpcss = processesWith("WINEPREFIX", lab.prefix).filter(({ commandLine }) =>
    /\\rpcss\.exe$/iu.test(commandLine),
  );
  await killProcesses(rpcss);
}
