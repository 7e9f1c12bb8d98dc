import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, vi } from "vitest";

/**
 * Gives each test of a file an empty %ProgramData% of its own.
 *
 * @returns What tells the folder of the test that runs.
 */
export function useProgramData(): () => string {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "program-data-"));
    vi.stubEnv("ProgramData", folder);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });
  return () => folder;
}
