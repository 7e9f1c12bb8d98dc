import fc from "fast-check";
import { SaxesParser } from "saxes";
import { describe, expect, it } from "vitest";

import { checkWindowsPath } from "../../../../src/tools/export/paths.ts";
import { componentGuid, formattedText, wxs } from "../../../../src/tools/export/wxs.ts";
import { planRegistration } from "../../../../src/tools/registration/plan.ts";
import { encodeString } from "../../../../src/tools/registration/registry-value.ts";
import { APP_ID, CLSID, manifestWith } from "../../../helpers/manifest.ts";
import { contextOf, planOf, planWith, textOf } from "./context.ts";

/** Returns the attributes of every RegistryValue of a fragment. */
function rows(xml: string): readonly Readonly<Record<string, string>>[] {
  const found: Record<string, string>[] = [];
  const parser = new SaxesParser();
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name, attributes }) => {
    if (name === "RegistryValue") found.push(attributes);
  });
  parser.write(xml).close();
  return found;
}

/** Returns Windows Installer's result for formatted text without properties. */
function format(text: string): string | undefined {
  if (/[[\]{}]/u.test(text.replaceAll(/\[\\.\]/gsu, ""))) return undefined;
  return text.replaceAll(/\[\\(.)\]/gsu, "$1");
}

describe("formattedText", () => {
  it("returns unchanged from the preprocessor and Windows Installer", () => {
    const text = fc.string({ unit: fc.constantFrom(...Array.from("[]{}\\~$!(#%a. ö")) });
    fc.assert(
      fc.property(text, (wanted) => {
        const escaped = formattedText(wanted);
        const isKept = !/!\(|\$/u.test(escaped.replaceAll("$(var.WsbDollar)", "D"));
        const preprocessed = escaped.replaceAll("$(var.WsbDollar)", () => "$");
        return isKept && format(preprocessed) === wanted;
      }),
      { numRuns: 1000 },
    );
  });

  it("leaves a GUID readable", () => {
    expect(formattedText(CLSID)).toBe(CLSID);
  });
});

describe("componentGuid", () => {
  it("does not change with values", () => {
    const renamed = manifestWith({ name: "Other" });
    const guid = componentGuid(planOf(), manifestWith());
    expect(componentGuid(planOf(renamed), renamed)).toBe(guid);
  });

  it.each([
    ["class", { addin: { clsid: APP_ID, appId: CLSID } }],
    ["event source", { applicationIdentifier: "Other" }],
  ])("changes with the %s, which is part of a key", (_, fields) => {
    const moved = manifestWith(fields);
    const guid = componentGuid(planOf(), manifestWith());
    expect(componentGuid(planOf(moved), moved)).not.toBe(guid);
  });

  it("never changes, or upgrades would lose the component", () => {
    expect(componentGuid(planOf(), manifestWith())).toMatchInlineSnapshot(
      `"{95974AE6-69A6-5F76-B230-48332C1F1D65}"`,
    );
  });
});

describe("wxs", () => {
  it("has a row for each value, one of them the key path", () => {
    const written = rows(textOf(wxs));
    expect(written).toHaveLength(planOf().length);
    expect(written.filter(({ KeyPath }) => KeyPath === "yes")).toHaveLength(1);
    expect(written.every(({ Root }) => Root === "HKLM")).toBe(true);
  });

  it.each([
    ["REG_SZ", encodeString(`<a> & "b" 'c'`), "string", `<a> & "b" 'c'`],
    ["REG_EXPAND_SZ", { type: 2, data: Buffer.from("%x%\0", "utf16le") }, "integer", "%%x%"],
    ["REG_BINARY", { type: 3, data: new Uint8Array([1, 255]) }, "integer", "x01FF"],
    ["REG_DWORD", { type: 4, data: new Uint8Array([255, 255, 255, 255]) }, "integer", "-1"],
    [
      "REG_MULTI_SZ",
      { type: 7, data: Buffer.from("a\0b\0\0", "utf16le") },
      "string",
      "[~]a[~]b[~]",
    ],
  ])("writes %s", (_, value, Type, Value) => {
    const [file] = wxs.write(planWith(value), contextOf());
    const [row] = rows(Buffer.from(file?.content ?? []).toString("utf8"));
    expect(row).toMatchObject({ Type, Value });
  });

  it("keeps only a property of the command line", () => {
    const folder = checkWindowsPath("--folder", "[INSTALLDIR]", "drive or property");
    const manifest = manifestWith({ applicationIdentifier: "[INSTALLDIR]" });
    const plan = planRegistration(manifest, {
      nodeExe: "C:\\node.exe",
      serverScript: `${folder}server.js`,
    });
    const [file] = wxs.write(plan, contextOf());
    const values = rows(Buffer.from(file?.content ?? []).toString("utf8")).map(
      ({ Value }) => Value,
    );
    expect(values).toContain(`"C:\\node.exe" "[INSTALLDIR]server.js"`);
    expect(values).toContain("[INSTALLDIR]wsb-addin.node");
    expect(values).toContain("[\\[]INSTALLDIR[\\]]");
  });

  it.each([
    ["Größe", 0],
    ["日本", 1],
    ["\u{1F4D2}", 1],
  ])("warns about text that wixl would lose: %s", (applicationIdentifier, count) => {
    expect(wxs.warnings?.(planOf({ applicationIdentifier }))).toHaveLength(count);
  });
});
