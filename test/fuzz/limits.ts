import { join } from "node:path";

import type { GuardOptions } from "./guard.ts";

/** The limits for every target of the table. */
export function guardFor(root: string): GuardOptions {
  const folder = join(root, "test", "fuzz");
  return {
    table: join(folder, "targets.ts"),
    worker: join(folder, "worker.ts"),
    seedsFolder: join(folder, "seeds"),
    // The slowest inputs take a few milliseconds on an idle machine.
    limitMs: 5000,
    memoryMib: 128,
  };
}
