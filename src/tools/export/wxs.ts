import { nameGuid, parseGuid } from "../../base/guid.ts";
import { escapeXml } from "../../base/xml.ts";
import type { Manifest } from "../../runtime/manifest/manifest.ts";
import type { PlanEntry } from "../registration/plan.ts";
import { allTexts, readEntries, type ReadableEntry, type RegistryData } from "./data.ts";
import { utf8, type ExportFormat } from "./format.ts";
import { closeProperty, openProperty } from "./paths.ts";

/**
 * GUID of the component that holds a plan: the writer's, and of the keys that it consists of,
 * because Windows Installer wants another component for other resources.
 */
export function componentGuid(plan: readonly PlanEntry[], { writerId }: Manifest): string {
  return nameGuid([writerId, ...new Set(plan.map(({ key }) => key))].join("\n"));
}

const DOLLAR = "$(var.WsbDollar)";

/** Defines what stands for a dollar sign, at the head of a file that has one. */
export const DEFINE_DOLLAR: string = "<?define WsbDollar=$?>";

/**
 * Keeps text from Windows Installer, which formats `[…]` and `{…}` in registry values, and from the
 * preprocessor and the linker of WiX, which take `$(…)` and `!(…)`.
 *
 * A GUID goes as it is: braces without a property between them are kept.
 */
export function formattedText(text: string): string {
  const escaped =
    parseGuid(text) === text
      ? text
      : text.replaceAll(/[[\]{}]|!(?=\()/gu, "[\\$&]").replaceAll("$", () => DOLLAR);
  return escaped.replaceAll(openProperty, "[").replaceAll(closeProperty, "]");
}

/** Text of an attribute that Windows Installer does not format, such as a name. */
export function plainText(text: string): string {
  return escapeXml(text.replaceAll("$", () => DOLLAR));
}

/**
 * Type and value. Of types that the Registry table marks by a prefix, `integer` is the one before
 * which WiX and wixl both put its `#`: wixl forgets the others' `#x` and `#%`.
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

function row(entry: ReadableEntry, isKeyPath: boolean): readonly string[] {
  const [type, value] = typeAndValue(entry.data);
  const attributes = [
    ["Root", "HKLM"],
    ["Key", entry.key],
    ...(entry.name === "" ? [] : [["Name", formattedText(entry.name)]]),
    ["Type", type],
    ["Value", value],
    ...(isKeyPath ? [["KeyPath", "yes"]] : []),
  ].map(([name = "", text = ""]) => `${name}="${escapeXml(text)}"`);
  return [
    `        <!-- ${entry.why.replaceAll("--", "- -")} -->`,
    `        <RegistryValue ${attributes.join(" ")}/>`,
  ];
}

/** Id of the group that an installer's feature refers to. */
export function groupId(fileName: string): string {
  return `WsbAddin.${fileName.replaceAll("-", "_")}`;
}

const BEYOND_WIXL = /[\u0800-\u{10FFFF}]/u;

/** A WiX fragment of plain registry rows, which wixl builds too. */
export const wxs: ExportFormat = {
  summary: "WiX fragment, for the WiX Toolset and for wixl",
  undoHint: "Windows Installer removes what it installed.",
  write(plan, { fileName, manifest }) {
    const rows = readEntries(plan, "wxs").flatMap((entry, index) => row(entry, index === 0));
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
