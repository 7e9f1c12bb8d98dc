import { WsbError } from "../../base/errors.ts";
import { nameGuid, parseGuid } from "../../base/guid.ts";
import { isObject } from "../../base/json.ts";
import type { Manifest } from "../../runtime/manifest/manifest.ts";
import { fileNameOf } from "../export/paths.ts";

/** A packed add-in as Windows shows it. */
export interface Product {
  readonly name: string;
  /** Begins the names of the files: letters a to z, digits and hyphens. */
  readonly fileName: string;
  /** Folder below Program Files. */
  readonly folderName: string;
  readonly version: string;
  /** The version without what comes after the third number. */
  readonly numbers: readonly [number, number, number];
  readonly publisher: string;
  /** What all versions have in common for Windows Installer. */
  readonly upgradeCode: string;
}

/** What the command line and package.json say of a product. */
export interface ProductFields {
  readonly version?: string | undefined;
  readonly publisher?: string | undefined;
  readonly upgradeCode?: string | undefined;
}

const VERSION = /^(\d+)\.(\d+)\.(\d+)(?:[-+][0-9A-Za-z.+-]*)?$/u;
// Largest numbers of Windows Installer's ProductVersion.
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
    `The version ${JSON.stringify(version)} is not one that Windows Installer can compare: three numbers of at most ${LARGEST.join(", ")}. Correct it in package.json, or give --product-version.`,
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

// Beyond Latin letters wixl loses text; the rest is not for names of folders.
const FOLDER_NAME = /^[\p{Script=Latin}\d &'()+,;=@_-][\p{Script=Latin}\d &'()+,.;=@_-]*$/u;

function folderNameOf(name: string, fileName: string): string {
  return FOLDER_NAME.test(name) && name.length <= 64 && !/[. ]$/u.test(name) ? name : fileName;
}

/**
 * Describes the product that a manifest becomes.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` for a version or an upgrade code that Windows
 * Installer does not take.
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

/** What a package.json says of the product. */
export function readPackageFields(text: string): ProductFields {
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    return {};
  }
  if (!isObject(fields)) return {};
  const { version, author } = fields;
  const holder = isObject(author) ? author["name"] : author;
  // Written in one string: Name <mail> (address).
  const publisher = textOf(textOf(holder)?.replace(/\s*[<(].*$/su, ""));
  return { version: textOf(version), publisher };
}
