import { nameGuid, parseGuid } from "../../base/guid.ts";
import { escapeXml } from "../../base/xml.ts";
import type { Manifest } from "../../runtime/manifest/manifest.ts";
import type { PlanEntry } from "../registration/plan.ts";
import { allTexts, readEntries, type ReadableEntry, type RegistryData } from "./data.ts";
import { withoutWriter } from "./without-writer.ts";
import { utf8, type ExportFormat } from "./format.ts";
import { closeProperty, openProperty } from "./paths.ts";
import { CANNOT_REFUSE } from "./session-marks.ts";

/**
 * Returns the GUID of a plan's component. It depends on the writer and on the plan's keys, because
 * Windows Installer requires a new component for other resources.
 */
export function componentGuid(plan: readonly PlanEntry[], { writerId }: Manifest): string {
  return nameGuid([writerId, ...new Set(plan.map(({ key }) => key))].join("\n"));
}

const DOLLAR = "$(var.WsbDollar)";

/** The definition of the variable for a dollar sign, at the start of a file that uses it. */
export const DEFINE_DOLLAR: string = "<?define WsbDollar=$?>";

/**
 * Escapes text for Windows Installer, which formats `[…]` and `{…}` in registry values, and for the
 * preprocessor and linker of WiX, which expand `$(…)` and `!(…)`.
 *
 * A GUID needs no escape: Windows Installer keeps braces without a property inside.
 */
export function formattedText(text: string): string {
  const escaped =
    parseGuid(text) === text
      ? text
      : text.replaceAll(/[[\]{}]|!(?=\()/gu, "[\\$&]").replaceAll("$", () => DOLLAR);
  return escaped.replaceAll(openProperty, "[").replaceAll(closeProperty, "]");
}

/** Escapes the text of an attribute that Windows Installer does not format, such as a name. */
export function plainText(text: string): string {
  return escapeXml(text.replaceAll("$", () => DOLLAR));
}

/**
 * Returns type and value. The Registry table marks types by a prefix. WiX and wixl both write the
 * `#` of `integer`, but wixl omits the `#x` and `#%` of the others.
 */
function typeAndValue(data: RegistryData): readonly [type: string, value: string] {
  switch (data.kind) {
    case "text":
      return ["string", formattedText(data.text)];
    case "expandable":
      return ["integer", `%${formattedText(data.text)}`];
    case "list":
      return ["string", `[~]${data.texts.map((text) => `${formattedText(text)}[~]`).join("")}`];
    case "number":
      return ["integer", String(data.number | 0)];
    case "bytes":
      return ["integer", `x${Buffer.from(data.bytes).toString("hex").toUpperCase()}`];
  }
}

function row(entry: ReadableEntry, index: number): readonly string[] {
  const [type, value] = typeAndValue(entry.data);
  const attributes = [
    ["Root", "HKLM"],
    ["Key", entry.key],
    ...(entry.name === "" ? [] : [["Name", formattedText(entry.name)]]),
    ["Type", type],
    ["Value", value],
    ...(index === 0 ? [["KeyPath", "yes"]] : []),
  ].map(([name = "", text = ""]) => `${name}="${escapeXml(text)}"`);
  return [
    `        <!-- ${entry.why.replaceAll("--", "- -")} -->`,
    `        <RegistryValue ${attributes.join(" ")}/>`,
  ];
}

/** Returns the id of the group that an installer's feature refers to. */
export function groupId(fileName: string): string {
  return `WsbAddin.${fileName.replaceAll("-", "_")}`;
}

const BEYOND_WIXL = /[\u0800-\u{10FFFF}]/u;

/** The format of a WiX fragment with plain registry rows, which wixl can build too. */
export const wxs: ExportFormat = {
  summary: "WiX fragment, for the WiX Toolset and for wixl",
  undoHint: "Windows Installer removes what it installed.",
  write(plan, { fileName, manifest }) {
    const rows = readEntries(plan, "wxs").flatMap(row);
    const id = `WsbAddin.${manifest.writerId.replaceAll(/[^0-9A-F]/gu, "")}`;
    const guid = componentGuid(plan, manifest);
    return [
      {
        fileName: `${fileName}.wxs`,
        role: "main",
        content: utf8([
          '<?xml version="1.0" encoding="UTF-8"?>',
          ...(rows.some((line) => line.includes(DOLLAR)) ? [DEFINE_DOLLAR] : []),
          '<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">',
          ...[...CANNOT_REFUSE, ...withoutWriter(manifest)].map((line) => `  <!-- ${line} -->`),
          "  <Fragment>",
          '    <DirectoryRef Id="TARGETDIR">',
          `      <Component Id="${id}" Guid="${guid}" Win64="yes">`,
          ...rows,
          "      </Component>",
          "    </DirectoryRef>",
          `    <ComponentGroup Id="${groupId(fileName)}">`,
          `      <ComponentRef Id="${id}"/>`,
          "    </ComponentGroup>",
          "  </Fragment>",
          "</Wix>",
        ]),
      },
    ];
  },
  warnings: (plan) =>
    allTexts(readEntries(plan, "wxs")).some((text) => BEYOND_WIXL.test(text))
      ? [
          "wixl 0.101 loses text with characters from U+0800 on, or crashes; build this file with the WiX Toolset.",
        ]
      : [],
};
