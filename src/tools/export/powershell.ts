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

/** The start of both scripts. */
export const PROLOGUE: readonly string[] = [
  "Set-StrictMode -Version 2.0",
  "$ErrorActionPreference = 'Stop'",
];
