import type { IsRollForwardSupportedHandler } from "wsb-addin";

/**
 * Called before a restore to ask whether the application can roll forward, that is, whether it can
 * replay logs from after the backup on the restored files.
 *
 * What it may assume:
 * - The services in wsb-addin.json still run.
 * - `context.signal` is aborted at the time limit, `timeoutsMs.isRollForwardSupported` in that file.
 *
 * What it must not assume:
 * - That it knows which components will be restored: the answer is for the whole application.
 */
export const isRollForwardSupported: IsRollForwardSupportedHandler = () => false;
