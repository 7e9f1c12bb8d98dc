import { writerKey } from "../registration/keys.ts";
import type { Manifest } from "../../runtime/manifest/manifest.ts";
import { readEntries } from "./data.ts";
import { withoutWriter } from "./without-writer.ts";
import { utf8WithMark, type ExportFormat } from "./format.ts";
import { ownKeys } from "./own-keys.ts";
import { entryTable, PROLOGUE, quoteText } from "./powershell.ts";
import { ps1Script } from "./ps1-script.ts";
import { plannedMarks } from "./session-marks.ts";

function help(manifest: Manifest): readonly string[] {
  return [
    "<#",
    ".SYNOPSIS",
    "Registers a writer with Windows Server Backup, or removes it.",
    ".DESCRIPTION",
    `Writer ${manifest.writerId}. Makes all changes or none, also when it is stopped with Ctrl+C, and leaves values`,
    "that are already correct. -Unregister keeps values that others have changed or added since.",
    "-Confirm asks once, about all changes.",
    "",
    ...withoutWriter(manifest),
    "If its process is killed or the power fails, some of the changes may remain. Run the same command",
    "again: it completes them. It does not restore the values from before the first run.",
    "",
    "Exit codes: 0 done; 1 failed or declined, nothing changed; 3 a restore session of the add-in is open,",
    "nothing changed; 6 failed, and the output lists what could not be undone.",
    ".PARAMETER Unregister",
    "Removes what this script registers.",
    "#>",
  ];
}

// .NET, which writes the registry, is not allowed in Constrained Language Mode.
const REFUSE_LANGUAGE_MODE: readonly string[] = [
  "if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {",
  "    throw 'A policy of this machine does not allow this script to write the registry; nothing was changed. Sign the script, or allow it in the policy.'",
  "}",
];

/**
 * The format of a script for Windows PowerShell 5.1 that registers, and with -Unregister removes.
 */
export const ps1: ExportFormat = {
  summary: "script for Windows PowerShell 5.1, with -WhatIf and -Unregister",
  undoHint: "Run the script with -Unregister.",
  write: (plan, { fileName, manifest }) => [
    {
      fileName: `${fileName}.ps1`,
      role: "main",
      content: utf8WithMark([
        "#Requires -Version 5.1",
        "#Requires -RunAsAdministrator",
        ...help(manifest),
        "[CmdletBinding(SupportsShouldProcess = $true)]",
        "param([switch] $Unregister)",
        "",
        ...PROLOGUE,
        ...REFUSE_LANGUAGE_MODE,
        "",
        `$writerId = ${quoteText(manifest.writerId)}`,
        "# In the order of writing; removal uses the reverse order.",
        ...entryTable(readEntries(plan, "ps1")),
        "# Keys that belong only to this registration, children first.",
        `$ownKeys = @(${ownKeys(plan, manifest).map(quoteText).join(", ")})`,
        ...ps1Script(plannedMarks(manifest), writerKey(manifest.writerId)),
      ]),
    },
  ],
};
