import type { OrderComponentsHandler } from "wsb-addin";

/**
 * Called once before a restore, with the components to restore.
 *
 * Returns all of these components in the order in which to restore them, or `null` if the order does
 * not matter. Any other result fails the call.
 *
 * What it may assume:
 * - No file has been restored yet, and the services in wsb-addin.json still run.
 * - `context.signal` is aborted at the time limit, `timeoutsMs.orderComponents` in wsb-addin.json.
 *
 * What it must not assume:
 * - That `preRestore` runs in the same process: keep nothing in memory for it.
 */
export const orderComponents: OrderComponentsHandler = () => null;
