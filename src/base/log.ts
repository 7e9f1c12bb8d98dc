/** The severity of a message. */
export type LogLevel = "info" | "warn" | "error";

/** Receives a message; never throws and never waits. */
export type Log = (level: LogLevel, message: string) => void;
