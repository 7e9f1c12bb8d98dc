import type { IsRollForwardSupportedHandler } from "wsb-addin";

/**
 * Called before a restore, to learn whether the application can roll forward: replay logs it wrote
 * after the backup, on top of the restored files.
 *
 * It has no request: the answer holds for the application, not for one component.
 */
export const isRollForwardSupported: IsRollForwardSupportedHandler = () => false;
