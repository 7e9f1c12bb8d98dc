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

/** The names of a writer's handlers, in the order in which a backup calls them. */
export const WRITER_HANDLER_NAMES = [
  "prepareBackup",
  "prepareSnapshot",
  "freeze",
  "thaw",
  "postSnapshot",
  "abort",
  "backupComplete",
  "backupShutdown",
] as const;

/** The name of a writer's handler, and of the VSS event that calls it. */
export type WriterHandlerName = (typeof WRITER_HANDLER_NAMES)[number];

/** The name of an event of a backup that nobody breaks off. */
export type BackupEvent = Exclude<WriterHandlerName, "abort">;

/** The events of a backup that nobody breaks off, in VSS's order. */
export const BACKUP_EVENTS = WRITER_HANDLER_NAMES.filter(
  (name): name is BackupEvent => name !== "abort",
);

/** The name of any handler. */
export type AnyHandlerName = HandlerName | WriterHandlerName;
