import type { CheckConsistencyHandler } from "wsb-addin";

/**
 * Called during a backup, once the shadow copies exist, for each component.
 *
 * `null`, returned at once and not from an `async` function, says that no check is needed. To begin
 * with one that reads files: `wsb-addin generate check ledger-files`. `context.runChecker` runs a
 * program that checks them, such as a database's own.
 *
 * What it may assume:
 * - `volumes[].snapshot` is the shadow copy of `volumes[].source`; nobody writes to it. Both have
 *   the form `\\?\Volume{GUID}\`.
 * - `context.signal` is aborted at the time limit, `timeoutsMs.checkConsistency` in wsb-addin.json,
 *   and when the backup is cancelled.
 * - A promise that rejects means damage: the backup goes on, but the component cannot be recovered
 *   from it.
 *
 * What it must not assume:
 * - That the live volume, `volumes[].source`, is in the state of the shadow copy: never read it.
 * - That the services in wsb-addin.json are stopped: a backup stops none.
 */
export const checkConsistency: CheckConsistencyHandler = () => null;
