import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { windowsPrograms } from "../../../../src/tools/doctor/windows-programs.ts";
import type { ConsoleApi } from "../../../../src/tools/windows/console-program.ts";
import { repository } from "../../../generator/generator.ts";

let windows: string;

beforeAll(() => {
  windows = mkdtempSync(join(tmpdir(), "wsb-addin-windows-"));
  mkdirSync(join(windows, "System32"));
});

afterAll(() => rmSync(windows, { recursive: true, force: true }));

interface Decoded {
  readonly codePage: number;
  readonly bytes: Uint8Array;
}

/** Decodes as UTF-8, and keeps what it was asked. */
function apiWith(console: number, decoded: Decoded[] = []): ConsoleApi {
  return {
    codePages: () => ({ console, oem: 850 }),
    decodeText: (codePage, bytes) => {
      decoded.push({ codePage, bytes });
      return Buffer.from(bytes).toString("utf8");
    },
    // The library of joined paths is that of this system, not Windows'.
    knownFolders: () => ({ programData: "", windows }),
  };
}

function program(name: string, script: string): void {
  writeFileSync(join(windows, "System32", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

const { signal } = new AbortController();

// Shell scripts stand in for the programs.
describe.skipIf(process.platform === "win32")("the programs of Windows", () => {
  const fixture = join(repository, "test/fixtures/vssadmin/de-cp850.txt");

  it.each([
    ["its own code page", 1252, 1252],
    ["the machine's without a console", 0, 850],
  ])("are decoded by Windows with %s", async (_, console, codePage) => {
    program("vssadmin.exe", `cat '${fixture}'`);
    const decoded: Decoded[] = [];
    const writers = await windowsPrograms(apiWith(console, decoded), signal).writers();
    expect(writers).toMatchObject([{ id: "{11111111-1111-4111-8111-111111111111}", state: 1 }]);
    expect(decoded[0]).toEqual({ codePage, bytes: readFileSync(fixture) });
  });

  it("run once for all checks", async () => {
    const log = join(windows, "log");
    program("vssadmin.exe", `echo run >> '${log}'`);
    const { writers } = windowsPrograms(apiWith(0), signal);
    expect(await Promise.all([writers(), writers()])).toEqual([[], []]);
    expect(readFileSync(log, "utf8")).toBe("run\n");
  });

  it("are asked to list and to show, and nothing else", async () => {
    const log = join(windows, "arguments");
    for (const name of ["vssadmin.exe", "wbadmin.exe"]) program(name, `echo "$@" >> '${log}'`);
    const { writers, scheduledVolumes } = windowsPrograms(apiWith(0), signal);
    await writers();
    expect(await scheduledVolumes()).toBeUndefined();
    expect(readFileSync(log, "utf8")).toBe("list writers\nenable backup\n");
  });

  it("that fail say why in their own words", async () => {
    program("vssadmin.exe", "echo 'Fehler: Sie haben nicht die Rechte.'; exit 2");
    await expect(windowsPrograms(apiWith(0), signal).writers()).rejects.toMatchObject({
      code: "ERR_WSB_PROGRAM",
      message: expect.stringContaining("Fehler: Sie haben nicht die Rechte."),
    });
  });

  it("that are missing are named", async () => {
    rmSync(join(windows, "System32", "wbadmin.exe"));
    await expect(windowsPrograms(apiWith(0), signal).scheduledVolumes()).rejects.toMatchObject({
      code: "ERR_WSB_PROGRAM",
      message: expect.stringContaining("wbadmin.exe is missing"),
    });
  });

  it("end at Ctrl-C", async () => {
    program("vssadmin.exe", "exec sleep 60");
    const interrupt = new AbortController();
    const listing = windowsPrograms(apiWith(0), interrupt.signal).writers();
    interrupt.abort();
    await expect(listing).rejects.toThrow("abort");
  });
});
