/** The names of an add-in's handlers, in code, manifest and events. */
export const HANDLER_NAMES = [
  "preRestore",
  "postRestore",
  "orderComponents",
  "isRollForwardSupported",
  "checkConsistency",
  "beforeServicesStop",
  "afterServicesStart",
  "restoreAbandoned",
] as const;

/** The name of a handler. The first five are called by COM methods of the same name. */
export type HandlerName = (typeof HANDLER_NAMES)[number];
