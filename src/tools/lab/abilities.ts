import type { JsonObject } from "../../base/json.ts";

/** What Windows can do and not every Wine can, with a description for people. */
export const ABILITIES: Readonly<Record<string, string>> = {
  pipes: "node.exe writes to a pipe of Linux",
  fetch: "fetch in node.exe",
  volumePaths: "files below \\\\?\\Volume{GUID}\\ in node.exe",
  junctions: "junctions",
  powershell: "powershell.exe runs a command",
  registryTransactions: "registry transactions",
  readableEvents: "reading the Windows event log",
  flushOfOneFile: "NtFlushBuffersFileEx, which PostgreSQL 16 and later need",
};

/** What a Wine can do, by the names of {@link ABILITIES}. */
export type Abilities = Readonly<Record<string, boolean>>;

/** Returns the abilities in Wine's answers; what has no answer is missing. */
export function readAbilities(answers: JsonObject): Abilities {
  return Object.fromEntries(
    Object.keys(ABILITIES).map((name) => [name, answers[name] === true] as const),
  );
}
