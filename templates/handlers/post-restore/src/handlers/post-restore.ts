import type { PostRestoreHandler } from "wsb-addin";

/**
 * Called once for each component, after its files have been restored.
 *
 * What it may assume:
 * - The component's files are in place.
 * - The services named in wsb-addin.json are still stopped; they start again after the last
 *   component's call.
 * - `request.noRollForward` has the same value as in `preRestore`.
 * - `context.signal` is aborted at the time limit, `timeoutsMs.postRestore` in wsb-addin.json.
 * - An error that it throws reaches Windows Server Backup as a failure with the message; the
 *   services start again anyway.
 *
 * What it must not assume:
 * - That `preRestore` ran in the same process.
 * - That it is called after a restore that failed or was cancelled.
 */
export const postRestore: PostRestoreHandler = (request, { log }) => {
  log.info(`Restored component ${request.componentName ?? "without a name"}`);
};
