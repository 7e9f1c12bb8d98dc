import { readEntries } from "./data.ts";
import { utf8WithMark, type ExportFormat } from "./format.ts";
import { entryTable, PROLOGUE, REGISTRY_FUNCTIONS } from "./powershell.ts";

const BODY: readonly string[] = [
  "# To Intune, exit code 0 together with text on the standard output means installed.",
  "try {",
  "    foreach ($entry in $entries) {",
  "        if (-not (Test-SameValue (Read-Entry $entry) $entry)) {",
  "            Write-Output ('Missing or changed: HKLM\\{0}, value \"{1}\".' -f $entry.Key, $entry.Name)",
  "            exit 1",
  "        }",
  "    }",
  "} catch {",
  "    Write-Output ('Cannot read the registry: {0}' -f $_.Exception.Message)",
  "    exit 1",
  "} finally {",
  "    $root.Close()",
  "}",
  "Write-Output 'Registered.'",
  "exit 0",
];

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
        ...PROLOGUE,
        "",
        ...entryTable(readEntries(plan, "intune")),
        "",
        ...REGISTRY_FUNCTIONS,
        "",
        ...BODY,
      ]),
    },
  ],
};
