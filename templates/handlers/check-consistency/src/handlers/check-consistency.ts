import type { CheckConsistencyHandler } from "wsb-addin";

/**
 * Called for each component during a backup, when the shadow copies exist.
 *
 * Return `null` synchronously, not from an `async` function, when no check is needed.
 * `wsb-addin generate check ledger-files` adds a check that reads files. A program that checks files,
 * such as the checker of a database, is a check too:
 *
 *   async (_request, context) => {
 *     await context.run({ file: "C:\\Program Files\\Contoso\\ledger-check.exe" });
 *   }
 *
 * What it may assume:
 * - `volumes[].snapshot` is the shadow copy of `volumes[].source`; nobody writes to it. Both have
 *   the form `\\?\Volume{GUID}\`.
 * - `context.signal` is aborted at the time limit, `timeoutsMs.checkConsistency` in wsb-addin.json,
 *   and when the backup is cancelled.
 * - A rejected promise reports damage: the backup continues, but the component cannot be recovered
 *   from it.
 *
 * What it must not assume:
 * - That the live volume, `volumes[].source`, has the same files as the shadow copy: never read it.
 * - That the services in wsb-addin.json are stopped: a backup stops none.
 */
export const checkConsistency: CheckConsistencyHandler = () => null;
