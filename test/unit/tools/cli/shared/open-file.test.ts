import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, expect, it, vi } from "vitest";

import { openFile } from "../../../../../src/tools/cli/shared/open-file.ts";

const empty = mkdtempSync(join(tmpdir(), "wsb-open-file-"));

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(empty, { recursive: true });
});

it("reports that no program can show a file", async () => {
  vi.stubEnv("PATH", empty);
  vi.stubEnv("SystemRoot", empty);
  await expect(openFile("page.html")).rejects.toMatchObject({
    code: "ERR_WSB_FILE",
    errno: "ENOENT",
  });
});
