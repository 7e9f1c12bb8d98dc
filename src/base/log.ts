/** How much an event of the log matters. */
export type LogLevel = "info" | "warn" | "error";

/** Receives one event; never throws and never waits. */
export type Log = (level: LogLevel, message: string) => void;
