import type { RestoreAbandonedHandler } from "wsb-addin";

/**
 * Called when nobody has finished a restore, and files may be half restored. Decides whether the
 * services start. Without this handler, `onAbandonedRestore` in wsb-addin.json decides.
 *
 * Return `"startServices"` only if you have found that the application can run on its files, for
 * example with a program of its own that `context.run` runs.
 *
 * What it may assume:
 * - The services in `request.services` are stopped.
 * - `context.signal` is aborted at the time limit, `timeoutsMs.restoreAbandoned` in wsb-addin.json.
 * - With an error, at the time limit and after a crash, the services stay stopped.
 *
 * What it must not assume:
 * - That another handler ran in the same process: it always runs in one of its own.
 * - That the outcome, the client and `noRollForward` of a component are known: each can be `null`.
 */
export const restoreAbandoned: RestoreAbandonedHandler = () => "keepStopped";
