import type { IsRollForwardSupportedHandler } from "wsb-addin";

/**
 * Called before a restore, to learn whether the application can roll forward: replay logs it wrote
 * after the backup, on top of the restored files.
 *
 * What it may assume:
 * - The services in wsb-addin.json still run.
 * - `context.signal` is aborted at the time limit, `timeoutsMs.isRollForwardSupported` there.
 *
 * What it must not assume:
 * - That it learns what will be restored: the answer holds for the application, not for one
 *   component.
 */
export const isRollForwardSupported: IsRollForwardSupportedHandler = () => false;
