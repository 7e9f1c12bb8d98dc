import { WsbError } from "../../base/errors.ts";
import { nameGuid, parseGuid } from "../../base/guid.ts";
import { isObject } from "../../base/json.ts";
import { parsePackageJson } from "../../base/document/package-json.ts";
import type { Manifest } from "../../runtime/manifest/manifest.ts";
import { fileNameOf } from "../export/paths.ts";

/** The names and versions of a packed add-in on Windows. */
export interface Product {
  readonly name: string;
  /** The start of the files' names: letters a to z, digits and hyphens. */
  readonly fileName: string;
  /** The name of the folder below Program Files. */
  readonly folderName: string;
  readonly version: string;
  /** The first three numbers of the version. */
  readonly numbers: readonly [number, number, number];
  readonly publisher: string;
  /** The id that all versions share for Windows Installer. */
  readonly upgradeCode: string;
}

/** The fields of a product from the command line and package.json. */
export interface ProductFields {
  readonly version?: string | undefined;
  readonly publisher?: string | undefined;
  readonly upgradeCode?: string | undefined;
}

const VERSION = /^(\d+)\.(\d+)\.(\d+)(?:[-+][0-9A-Za-z.+-]*)?$/u;
// The largest numbers in Windows Installer's ProductVersion.
const LARGEST = [255, 255, 65_535] as const;

function parseVersion(version: string): readonly [number, number, number] {
  const [, ...texts] = VERSION.exec(version) ?? [];
  const [major = Number.NaN, minor = Number.NaN, patch = Number.NaN] = texts
    .slice(0, 3)
    .map(Number);
  if (major <= LARGEST[0] && minor <= LARGEST[1] && patch <= LARGEST[2]) {
    return [major, minor, patch];
  }
  throw new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    `Windows Installer cannot compare the version ${JSON.stringify(version)}: it needs three numbers of at most ${LARGEST.join(", ")}. Correct it in package.json, or give --product-version.`,
  );
}

function parseUpgradeCode(text: string): string {
  const guid = parseGuid(text);
  if (guid !== undefined) return guid;
  throw new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    `--upgrade-code ${JSON.stringify(text)} is not a GUID. Give one such as {CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}.`,
  );
}

// wixl loses text beyond Latin letters; the excluded ASCII characters are not safe in folder names.
const FOLDER_NAME = /^[\p{Script=Latin}\d &'()+,;=@_-][\p{Script=Latin}\d &'()+,.;=@_-]*$/u;

function folderNameOf(name: string, fileName: string): string {
  return FOLDER_NAME.test(name) && name.length <= 64 && !/[. ]$/u.test(name) ? name : fileName;
}

/**
 * Describes the product of a manifest.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` for a version or an upgrade code that Windows
 * Installer does not accept.
 */
export function describeProduct(
  { name, writerId }: Pick<Manifest, "name" | "writerId">,
  { version = "1.0.0", publisher, upgradeCode }: ProductFields,
): Product {
  const fileName = fileNameOf(name, writerId);
  return {
    name,
    fileName,
    folderName: folderNameOf(name, fileName),
    version,
    numbers: parseVersion(version),
    publisher: publisher ?? name,
    upgradeCode:
      upgradeCode === undefined ? nameGuid(`upgrade\n${writerId}`) : parseUpgradeCode(upgradeCode),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/**
 * Reads the product's fields from the text of a package.json.
 *
 * @param file The file's name in messages.
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` for a text that is not an object in JSON.
 */
export function readPackageFields(text: string, file: string): ProductFields {
  const { version, author } = parsePackageJson(text, file);
  const holder = isObject(author) ? author["name"] : author;
  // The short form of a person: Name <mail> (address).
  const publisher = textOf(textOf(holder)?.replace(/\s*[<(].*$/su, ""));
  return { version: textOf(version), publisher };
}
