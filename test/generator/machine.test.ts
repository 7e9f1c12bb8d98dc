import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listOnce, parseServices, thisMachine, writerChoices } from "../../generator/machine.ts";
import { repository } from "./generator.ts";

const english = `vssadmin 1.1 - Volume Shadow Copy Service administrative command-line tool
(C) Copyright 2001-2013 Microsoft Corp.

Writer name: 'Task Scheduler Writer'
   Writer Id: {d61d61c8-d73a-4eee-8cdd-f6f9786b7124}
   Writer Instance Id: {1bddd48e-5052-49db-9b07-b96f96727e6b}
   State: [1] Stable
   Last error: No error

Writer name: 'SqlServerWriter'
   Writer Id: {a65faa63-5ea8-4ebc-9dbd-a0c4db26912a}
   Writer Instance Id: {c0bb0b0d-0a1a-4f0e-9df7-3f5a2a4c4f11}
   State: [1] Stable
   Last error: No error

Writer name: 'SqlServerWriter'
   Writer Id: {a65faa63-5ea8-4ebc-9dbd-a0c4db26912a}
   Writer Instance Id: {d0bb0b0d-0a1a-4f0e-9df7-3f5a2a4c4f11}
   State: [5] Waiting for completion
   Last error: No error
`;

describe("the list of VSS writers", () => {
  it("contains each writer once, sorted by name", () => {
    expect(writerChoices(english)).toEqual([
      {
        value: "{A65FAA63-5EA8-4EBC-9DBD-A0C4DB26912A}",
        name: "SqlServerWriter  {A65FAA63-5EA8-4EBC-9DBD-A0C4DB26912A}",
      },
      {
        value: "{D61D61C8-D73A-4EEE-8CDD-F6F9786B7124}",
        name: "Task Scheduler Writer  {D61D61C8-D73A-4EEE-8CDD-F6F9786B7124}",
      },
    ]);
  });

  it.each([
    ["other words and quotes", (text: string) => text.replaceAll("'", '"')],
    ["angled quotes", (text: string) => text.replace(/'(.*)'/gu, "« $1 »")],
    ["no quotes", (text: string) => text.replaceAll("'", "")],
    ["line ends of Windows", (text: string) => text.replaceAll("\n", "\r\n")],
  ])("can be read with %s", (_what, change) => {
    const text = change(english.replaceAll(/Writer name|Writer Id/gu, "Ooit"));
    expect(writerChoices(text)).toEqual(writerChoices(english));
  });

  it("has all names of writers that share a class id", () => {
    const text = readFileSync(join(repository, "test/fixtures/vssadmin/adam.txt"), "utf8");
    expect(writerChoices(text)).toEqual([
      {
        value: "{DD846AAA-A1B6-42A8-AAF8-03DCB6114BFD}",
        name: "ADAM (CONTOSO-A) Writer, ADAM (CONTOSO-B) Writer  {DD846AAA-A1B6-42A8-AAF8-03DCB6114BFD}",
      },
    ]);
  });

  it("has the name of a French writer, whose label may have an apostrophe", () => {
    const text = english.replaceAll(/Writer name: '(.*)'/gu, "Nom de l'auteur : '$1'");
    expect(writerChoices(text)).toEqual(writerChoices(english));
  });

  it("is empty when vssadmin prints an error", () => {
    expect(writerChoices("Error: You don't have the correct permissions.\n")).toEqual([]);
  });
});

it("the list of services has names and different display names", () => {
  expect(parseServices("ContosoLedger\tContoso Ledger\r\nSpooler\tSpooler\r\n\r\n")).toEqual([
    { value: "ContosoLedger", name: "ContosoLedger  Contoso Ledger" },
    { value: "Spooler", name: "Spooler" },
  ]);
});

/** A program of a stand-in Windows, in the words of a shell. */
function program(windows: string, name: string, script: string): void {
  const file = join(windows, "System32", name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

/** PowerShell, which gets the path of vssadmin for the list of writers. */
function powershell(windows: string, writers: string, services = "true"): void {
  program(windows, "vssadmin.exe", "exit 1");
  const vssadmin = join(windows, "System32/vssadmin.exe");
  const script = `if [ "$WSB_ADDIN_VSSADMIN" = "${vssadmin}" ]; then ${writers}; else ${services}; fi`;
  program(windows, "WindowsPowerShell/v1.0/powershell.exe", script);
}

describe("this machine", () => {
  let windows: string;
  beforeEach(() => {
    windows = mkdtempSync(join(tmpdir(), "wsb-windows-"));
  });
  afterEach(() => rmSync(windows, { recursive: true, force: true }));

  it("is not asked for features of Windows", () => {
    expect(thisMachine({})).toMatchObject({ listWriters: undefined, listServices: undefined });
    expect(thisMachine({ SystemRoot: windows }).listWriters).toBeUndefined();
  });

  it("has no service of an application when it is not Windows", async () => {
    expect(await thisMachine({}).missingServices(["A", "B"])).toEqual(["A", "B"]);
  });

  describe.runIf(process.platform !== "win32")("asked by its own programs", () => {
    it("lists writers and services", async () => {
      powershell(windows, `cat <<'X'\n${english}X\ntrue`, "printf 'A\\tService A\\r\\n'");
      const { listWriters, listServices } = thisMachine({ SystemRoot: windows });
      expect(await listWriters?.()).toHaveLength(2);
      expect(await listServices?.()).toEqual([{ value: "A", name: "A  Service A" }]);
    });

    it.each([
      ["that fails", "echo 'Fehler: zu früh.'; exit 2", "vssadmin list writers failed (2)"],
      ["that shows no writer", "echo 'Fehler: zu früh.'", "vssadmin list writers shows no writer"],
    ])("cites vssadmin %s", async (_what, script, reason) => {
      powershell(windows, script);
      const { failure, choices } = await listOnce(
        thisMachine({ SystemRoot: windows }).listWriters,
      )();
      expect(choices).toEqual([]);
      expect(failure).toBe(`${reason}. It says:\n  Fehler: zu früh.`);
    });

    it("finds the services that are missing by the exit code of sc.exe", async () => {
      powershell(windows, "true");
      program(windows, "sc.exe", "exit 1");
      // A program of Linux cannot end with this code.
      const codes = new Map([
        ["Ledger", 1060],
        ["Denied", 5],
      ]);
      const query = async (file: string, [verb, name = ""]: readonly string[]) => {
        expect([file, verb]).toEqual([join(windows, "System32/sc.exe"), "query"]);
        return { exitCode: codes.get(name) ?? 0, output: "" };
      };
      const { missingServices } = thisMachine({ SystemRoot: windows }, query);
      expect(await missingServices(["Spooler", "Ledger", "Denied"])).toEqual(["Ledger"]);
    });
  });
});
