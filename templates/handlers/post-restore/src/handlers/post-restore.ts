import type { PostRestoreHandler } from "wsb-addin";

/**
 * Called once for each component, after its files have been restored.
 *
 * What it may assume:
 * - The component's files are in place.
 * - The services named in wsb-addin.json are still stopped; they are started again after the last
 *   component's call.
 * - `request.noRollForward` is what `preRestore` was given.
 * - `context.signal` is aborted at the time limit, `timeoutsMs.postRestore` in wsb-addin.json.
 * - Throwing reports a failure with the message to Windows Server Backup; the services are started
 *   again all the same.
 *
 * What it must not assume:
 * - That `preRestore` ran in the same process.
 * - That it is called at all after a restore that failed or was cancelled.
 */
export const postRestore: PostRestoreHandler = (request, { log }) => {
  log.info(`Restored component ${request.componentName ?? "without a name"}`);
};
