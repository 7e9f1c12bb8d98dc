import type { ReadableEntry, RegistryData } from "./data.ts";

/**
 * Quotes text for PowerShell, which treats four characters as a single quotation mark; doubling
 * escapes each of them.
 */
export function quoteText(text: string): string {
  return `'${text.replaceAll(/['\u2018-\u201B]/gu, "$&$&")}'`;
}

/** Returns a value as a PowerShell expression of the type that RegistryKey.SetValue needs. */
function kindAndValue(data: RegistryData): readonly [kind: string, value: string] {
  switch (data.kind) {
    case "text":
      return ["String", quoteText(data.text)];
    case "expandable":
      return ["ExpandString", quoteText(data.text)];
    case "list":
      return ["MultiString", `[string[]] @(${data.texts.map(quoteText).join(", ")})`];
    case "number":
      // .NET represents a REG_DWORD as a signed number.
      return ["DWord", `[int] ${data.number | 0}`];
    case "bytes": {
      const bytes = [...data.bytes].map((byte) => `0x${byte.toString(16).padStart(2, "0")}`);
      return ["Binary", `[byte[]] @(${bytes.join(", ")})`];
    }
  }
}

/** Returns the plan as a PowerShell array of tables. */
export function entryTable(entries: readonly ReadableEntry[]): readonly string[] {
  const rows = entries.map(({ key, name, data, why }) => {
    const [kind, value] = kindAndValue(data);
    return [
      `    # ${why}`,
      `    @{ Key = ${quoteText(key)}; Name = ${quoteText(name)}; Kind = '${kind}'; Value = ${value} }`,
    ];
  });
  return ["$entries = @(", ...rows.flat(), ")"];
}

/** The start of both scripts: strict mode and the 64-bit view in any process. */
export const PROLOGUE: readonly string[] = [
  "Set-StrictMode -Version 2.0",
  "$ErrorActionPreference = 'Stop'",
];

/** Functions that open HKEY_LOCAL_MACHINE as `$root` and read stored values. */
export const REGISTRY_FUNCTIONS: readonly string[] = [
  "# The 64-bit view, also in a 32-bit PowerShell.",
  "$root = [Microsoft.Win32.RegistryKey]::OpenBaseKey(",
  "    [Microsoft.Win32.RegistryHive]::LocalMachine, [Microsoft.Win32.RegistryView]::Registry64)",
  "",
  "# Returns the stored value, not expanded, and its kind; $null when it is absent.",
  "function Read-Entry($Entry) {",
  "    $key = $root.OpenSubKey($Entry.Key)",
  "    if ($null -eq $key) { return $null }",
  "    try {",
  "        if (@($key.GetValueNames()) -notcontains $Entry.Name) { return $null }",
  "        $data = $key.GetValue($Entry.Name, $null, [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames)",
  "        return @{ Kind = [string] $key.GetValueKind($Entry.Name); Value = $data }",
  "    } finally {",
  "        $key.Close()",
  "    }",
  "}",
  "",
  "function Test-SameValue($Found, $Wanted) {",
  "    if ($null -eq $Found -or $Found.Kind -cne $Wanted.Kind) { return $false }",
  "    $a = @($Found.Value)",
  "    $b = @($Wanted.Value)",
  "    if ($a.Count -ne $b.Count) { return $false }",
  "    for ($i = 0; $i -lt $a.Count; $i++) {",
  "        if (-not [object]::Equals($a[$i], $b[$i])) { return $false }",
  "    }",
  "    return $true",
  "}",
];
