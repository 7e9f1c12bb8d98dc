import type { PreRestoreHandler } from "wsb-addin";

/**
 * Called once for each component, before its files are restored.
 *
 * What it may assume:
 * - The services named in wsb-addin.json have stopped.
 * - `request.noRollForward` asks for the state of one point in time: the application must not
 *   replay logs from after the backup.
 * - `context.signal` is aborted at the time limit, `timeoutsMs.preRestore` in wsb-addin.json.
 * - An error that it throws fails the component's restore, and Windows Server Backup gets the message.
 *
 * What it must not assume:
 * - That `postRestore` runs in the same process, or at all: keep nothing in memory for it.
 * - That a call ends before the next one starts.
 */
export const preRestore: PreRestoreHandler = (request, { log }) => {
  log.info(`About to restore component ${request.componentName ?? "without a name"}`);
};
