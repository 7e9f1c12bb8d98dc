import type { OrderComponentsHandler } from "wsb-addin";

/**
 * Called once before a restore, with the components that were chosen for it.
 *
 * Returns the same components, all of them, in the order they are to be restored in, or `null` when
 * the order does not matter. Anything else is an error and fails the call.
 *
 * What it may assume:
 * - No file has been restored yet, and the services in wsb-addin.json still run.
 * - `context.signal` is aborted at the time limit, `timeoutsMs.orderComponents` in wsb-addin.json.
 *
 * What it must not assume:
 * - That `preRestore` runs in the same process: keep nothing in memory for it.
 */
export const orderComponents: OrderComponentsHandler = () => null;
