import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, expect, it, vi } from "vitest";

import { openFile } from "../../../../../src/tools/cli/shared/open-file.ts";

const empty = mkdtempSync(join(tmpdir(), "wsb-open-file-"));

afterEach(() => {
  vi.unstubAllEnvs();
});
afterAll(() => {
  rmSync(empty, { recursive: true });
});

function open(env: NodeJS.ProcessEnv): Promise<boolean> {
  return openFile("page.html", { platform: "linux", env });
}

it("says that a desktop has no program to show a file", async () => {
  vi.stubEnv("PATH", empty);
  expect(await open({ DISPLAY: ":0" })).toBe(false);
});

it("says that Server Core has no desktop", async () => {
  const env = { SystemRoot: empty };
  expect(await openFile("page.html", { platform: "win32", env })).toBe(false);
});

it.runIf(process.platform === "linux")("starts the program if there is a display", async () => {
  vi.stubEnv("PATH", empty);
  symlinkSync("/bin/true", join(empty, "xdg-open"));
  expect(await open({ DISPLAY: ":0" })).toBe(true);
  expect(await open({ WAYLAND_DISPLAY: "wayland-0" })).toBe(true);
  expect(await open({ DISPLAY: "" })).toBe(false);
});
