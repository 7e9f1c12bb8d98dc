import type { PreRestoreHandler } from "wsb-addin";

/**
 * Called once for each component, before its files are restored.
 *
 * What it may assume:
 * - The services named in wsb-addin.json have stopped.
 * - `request.noRollForward` asks for the state of one point in time: the application must not
 *   replay logs from after the backup.
 * - `context.signal` is aborted at the time limit, `timeoutsMs.preRestore` in wsb-addin.json.
 * - Throwing fails the component's restore, and the message reaches Windows Server Backup.
 *
 * What it must not assume:
 * - That `postRestore` runs in the same process, or at all: keep nothing in memory for it.
 * - That one call has ended before the next one comes.
 */
export const preRestore: PreRestoreHandler = (request, { log }) => {
  log.info(`About to restore component ${request.componentName ?? "without a name"}`);
};
