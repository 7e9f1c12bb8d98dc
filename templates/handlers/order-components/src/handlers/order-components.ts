import type { OrderComponentsHandler } from "wsb-addin";

/**
 * Called before a restore with the components that were chosen for it.
 *
 * Returns the same components, all of them, in the order they are to be restored in, or `null` when
 * the order does not matter. Anything else is an error and fails the call.
 */
export const orderComponents: OrderComponentsHandler = () => null;
