/** What a registration comes to. */
export const CONDITIONS = [
  "not registered",
  "as written",
  /** Values differ, or another program wrote them. */
  "differs",
  /** A command was interrupted; the next register, unregister or recover repairs it. */
  "half done",
  /** The registration record cannot be read. */
  "record damaged",
  /** A restore session was abandoned, or its journal is damaged. */
  "abandoned restore",
  /** Only an elevated prompt shows records and sessions. */
  "not visible",
] as const;

export type Condition = (typeof CONDITIONS)[number];
