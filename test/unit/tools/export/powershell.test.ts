import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { intune } from "../../../../src/tools/export/intune.ts";
import { quoteText } from "../../../../src/tools/export/powershell.ts";
import { ps1 } from "../../../../src/tools/export/ps1.ts";
import { APP_ID, CLSID } from "../../../helpers/manifest.ts";
import { contextOf, planOf, planWith, textOf } from "./context.ts";

const QUOTES = "'\u2018\u2019\u201A\u201B";

/** Splits the code of a script into its strings and the rest without comments. */
function scan(script: string): { readonly strings: readonly string[]; readonly code: string } {
  const strings: string[] = [];
  let code = "";
  let rest = script.replaceAll(/<#.*?#>/gsu, "");
  while (rest !== "") {
    const [comment] = /^#[^\r]*/u.exec(rest) ?? [];
    const [quoted] =
      new RegExp(`^[${QUOTES}](?:[^${QUOTES}]|([${QUOTES}])\\1)*[${QUOTES}]`, "su").exec(rest) ??
      [];
    if (quoted !== undefined) {
      strings.push(quoted.slice(1, -1).replaceAll(new RegExp(`([${QUOTES}])\\1`, "gu"), "$1"));
    }
    const taken = comment ?? quoted ?? rest.slice(0, 1);
    if (comment === undefined && quoted === undefined) code += taken;
    rest = rest.slice(taken.length);
  }
  return { strings, code };
}

function isBalanced(code: string): boolean {
  const open: string[] = [];
  const partner: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };
  for (const character of code) {
    const wanted = partner[character];
    if ("([{".includes(character)) open.push(character);
    else if (wanted !== undefined && open.pop() !== wanted) return false;
  }
  return open.length === 0;
}

describe("quoteText", () => {
  it("returns one string for any text, including typographic quotation marks", () => {
    const text = fc.string({
      unit: fc.constantFrom(...Array.from("'\u2018\u2019\u201A\u201B\"$`#{}() aö\u{1F4D2}")),
    });
    fc.assert(
      fc.property(text, (wanted) => {
        const { code, strings } = scan(quoteText(wanted));
        return code === "" && strings.length === 1 && strings[0] === wanted;
      }),
      { numRuns: 1000 },
    );
  });
});

// They run in test/exhaustive, on machines with the .NET SDK; everywhere, their form is tested.
describe.each([
  ["ps1", ps1],
  ["intune", intune],
])("%s", (_, format) => {
  const identifier = `It\u2019s "A" & 'B' $env:x \`n {0} Größe \u{1F4D2}`;
  const script = textOf(format, { applicationIdentifier: identifier });
  const { code, strings } = scan(script.slice(1));

  it("begins with the byte order mark for Windows PowerShell 5.1", () => {
    expect(script).toMatch(/^\uFEFF[#<]/u);
  });

  it("contains the manifest's texts only inside strings", () => {
    expect(strings).toContain(identifier);
    expect(code).not.toContain("Größe");
  });

  it("has balanced brackets", () => {
    expect(isBalanced(code)).toBe(true);
  });

  it("is strict and stops at errors", () => {
    expect(code).toContain("Set-StrictMode");
    expect(script).toContain("$ErrorActionPreference = 'Stop'");
  });

  it("has no syntax that Windows PowerShell 5.1 lacks", () => {
    expect(code).not.toMatch(/\?\?|&&|\|\||\?\.|\?\[| \? .* : |-Parallel/u);
  });

  it("contains every value of the plan in order", () => {
    const names = [...script.matchAll(/@\{ Key = '[^']*'; Name = '([^']*)'/gu)].map(
      ([, name]) => name,
    );
    expect(names).toEqual(planOf().map(({ name }) => name));
  });

  it("defines every function that it calls", () => {
    const defined = [...code.matchAll(/function ([A-Z][a-z]+-[A-Za-z]+)/gu)].map(
      ([, name]) => name,
    );
    const builtIn =
      "Set-StrictMode Write-Output Write-Warning Where-Object Select-Object Test-Path";
    const known = new Set([...builtIn.split(" "), "Get-Item", "Get-ItemProperty", ...defined]);
    const used = [...code.matchAll(/\b[A-Z][a-z]+-[A-Z][A-Za-z]+\b/gu)].map(([name]) => name);
    expect(used.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe("ps1", () => {
  it("leaves with 3 before its first change while a restore session is open", () => {
    const script = textOf(ps1, { addin: { clsid: CLSID, appId: APP_ID } });
    expect(script).toContain(`$marks = @('SOFTWARE\\wsb-addin\\Sessions\\${CLSID}')`);
    const leaves = script.indexOf("exit 3");
    expect(leaves).toBeGreaterThan(script.indexOf("wsb-addin recover"));
    expect(leaves).toBeLessThan(script.indexOf("ShouldProcess("));
  });

  it("asks one question, before its first change", () => {
    const script = textOf(ps1);
    expect(script).toContain("[CmdletBinding(SupportsShouldProcess = $true)]");
    expect(script.match(/\$PSCmdlet\.ShouldProcess/gu)).toHaveLength(1);
  });

  it("reads the 64-bit view", () => {
    expect(textOf(ps1)).toContain("[Microsoft.Win32.RegistryView]::Registry64");
  });
});

describe("intune", () => {
  it("calls only methods that Constrained Language Mode allows, except after asking for the mode", () => {
    const { code } = scan(textOf(intune).slice(1));
    const calls = code.split("\n").filter((line) => /::|\.[A-Za-z]+\(/u.test(line));
    expect(calls.map((line) => line.trim())).toEqual([
      expect.stringMatching(/^if \(\$isFull -and .*\.GetValueKind\(/u),
      expect.stringContaining(".Equals("),
    ]);
  });

  it("refuses a value whose variables Windows would expand", () => {
    const value = { type: 2, data: Buffer.from("%x%\0", "utf16le") };
    expect(() => intune.write(planWith(value), contextOf())).toThrowError(
      expect.objectContaining({ code: "ERR_WSB_INVALID_ARGUMENT" }),
    );
  });
});
