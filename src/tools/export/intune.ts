import { WsbError } from "../../base/errors.ts";
import { showKey } from "../registration/keys.ts";
import { readEntries, type ReadableEntry } from "./data.ts";
import { withoutWriter } from "./without-writer.ts";
import { utf8WithMark, type ExportFormat } from "./format.ts";
import { entryTable, PROLOGUE } from "./powershell.ts";

// Constrained Language Mode, which a policy of the machine may choose, allows cmdlets and the methods
// of texts and numbers, but no other method.
const SCRIPT = String.raw`
# To Intune, exit code 0 together with text on the standard output means installed.
# 1: something is missing or changed; 2: the registry cannot be read.
try {
    # A 32-bit PowerShell sees other keys.
    if ($env:PROCESSOR_ARCHITEW6432) {
        & "$env:SystemRoot\Sysnative\WindowsPowerShell\v1.0\powershell.exe" -NoProfile -File $PSCommandPath
        exit $LASTEXITCODE
    }

    $isFull = $ExecutionContext.SessionState.LanguageMode -eq 'FullLanguage'

    # Returns whether a value is as planned. Get-ItemProperty expands variables, so a value with
    # variables is told from a plain one by its kind, which only the full language shows.
    function Test-Entry($Entry) {
        $path = 'HKLM:\' + $Entry.Key
        if (-not (Test-Path -LiteralPath $path)) { return $false }
        $name = $Entry.Name
        if ($name -eq '') { $name = '(default)' }
        $key = Get-Item -LiteralPath $path
        if (@($key.Property) -notcontains $name) { return $false }
        if ($isFull -and [string] $key.GetValueKind($Entry.Name) -cne $Entry.Kind) { return $false }
        $found = (Get-ItemProperty -LiteralPath $path).$name
        if (($found -is [array]) -ne ($Entry.Value -is [array])) { return $false }
        $a = @($found)
        $b = @($Entry.Value)
        if ($a.Count -ne $b.Count) { return $false }
        for ($i = 0; $i -lt $a.Count; $i++) {
            if (-not $a[$i].Equals($b[$i])) { return $false }
        }
        return $true
    }

    foreach ($entry in $entries) {
        if (-not (Test-Entry $entry)) {
            Write-Output ('Missing or changed: HKLM\{0}, value "{1}".' -f $entry.Key, $entry.Name)
            exit 1
        }
    }
} catch {
    Write-Output ('Cannot read the registry: {0}' -f $_.Exception.Message)
    exit 2
}
Write-Output 'Registered.'
exit 0`;

/** Refuses values that the script reads expanded, and so cannot compare. */
function comparable(entries: readonly ReadableEntry[]): readonly ReadableEntry[] {
  const expandable = entries.find(({ data }) => data.kind === "expandable");
  if (expandable === undefined) return entries;
  throw new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    `The format intune cannot compare ${showKey(expandable.key)}, value ${JSON.stringify(expandable.name)}: Windows expands its variables. Use --format ps1.`,
  );
}

/** The format of a detection script for Intune, whose agent is a 32-bit process. */
export const intune: ExportFormat = {
  summary: "detection script for Microsoft Intune",
  undoHint: "A detection script changes nothing, so there is nothing to undo.",
  write: (plan, { fileName, manifest }) => [
    {
      fileName: `${fileName}-detect.ps1`,
      role: "main",
      content: utf8WithMark([
        `# Checks whether the writer ${manifest.writerId} is registered with Windows Server Backup as planned.`,
        ...withoutWriter(manifest).map((line) => `# ${line}`),
        ...PROLOGUE,
        "",
        ...entryTable(comparable(readEntries(plan, "intune"))),
        ...SCRIPT.split("\n"),
      ]),
    },
  ],
};
