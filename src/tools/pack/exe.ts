import { Data, NtExecutable, NtExecutableResource, Resource } from "resedit";

import { WsbError, errorText } from "../../base/errors.ts";

/** The contents of an exe besides Node.js. */
export interface ExeContent {
  /** The script and its assets, prepared by Node.js. */
  readonly blob: Uint8Array;
  /** The three numbers of the file and product version. */
  readonly numbers: readonly [number, number, number];
  /** The texts of the version resource by name: FileDescription, CompanyName … */
  readonly texts: Readonly<Record<string, string>>;
  /** The shim, whose message table for the Windows event log is copied into the exe. */
  readonly shim: Uint8Array;
  /** The contents of an .ico file. */
  readonly icon?: Uint8Array;
}

const AMD64 = 0x8664; // IMAGE_FILE_MACHINE_AMD64, winnt.h
const WINDOWS_GUI = 2; // IMAGE_SUBSYSTEM_WINDOWS_GUI
const RT_RCDATA = 10;
const RT_MESSAGETABLE = 11;
const ENGLISH = 1033;
const UNICODE = 1200;
const BLOB_NAME = "NODE_SEA_BLOB";
// Node.js searches for this text in its own file; the digit tells whether the exe has a script.
// https://nodejs.org/docs/latest-v22.x/api/single-executable-applications.html
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:0";

function notNode(path: string): WsbError {
  return new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    `${path} is not a Windows node.exe for x64 of Node.js 20 or later. Give one with --node.`,
  );
}

function parse(path: string, program: Uint8Array): NtExecutable {
  try {
    // Drops the signature of Node.js, which would not match the changed program.
    return NtExecutable.from(program, { ignoreCert: true });
  } catch {
    throw notNode(path);
  }
}

/**
 * Returns the version of a node.exe, `22.23.3`.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` for any other file.
 */
export function readNodeVersion(path: string, program: Uint8Array): string {
  const exe = parse(path, program);
  const [info] = Resource.VersionInfo.fromEntries(NtExecutableResource.from(exe).entries);
  const [language] = info?.getAllLanguagesForStringValues() ?? [];
  const texts = language === undefined ? {} : (info?.getStringValues(language) ?? {});
  const version = texts["ProductVersion"] ?? "";
  const isNode = texts["ProductName"] === "Node.js" && exe.newHeader.fileHeader.machine === AMD64;
  if (!isNode || !/^(?:2\d|[3-9]\d)\.\d+\.\d+$/u.test(version)) throw notNode(path);
  return version;
}

function isMessage({ type }: { readonly type: string | number }): boolean {
  return type === RT_MESSAGETABLE;
}

/** Copies the message table into the exe, where Windows looks up the texts of events. */
function setMessages(resources: NtExecutableResource, shim: Uint8Array): void {
  const messages = resourcesOf(shim).filter(isMessage);
  if (messages.length === 0) {
    throw new WsbError("ERR_WSB_BUILD", "The shim has no message table. Build it again.");
  }
  resources.entries = [...resources.entries.filter((entry) => !isMessage(entry)), ...messages];
}

function resourcesOf(shim: Uint8Array): NtExecutableResource["entries"] {
  try {
    // The shim may be signed.
    return NtExecutableResource.from(NtExecutable.from(shim, { ignoreCert: true })).entries;
  } catch (error) {
    const reason = `Cannot read the shim as a Windows library: ${errorText(error)}. Build it again.`;
    throw new WsbError("ERR_WSB_BUILD", reason, { cause: error });
  }
}

function setVersion(
  resources: NtExecutableResource,
  { numbers: [major, minor, patch], texts }: ExeContent,
): void {
  for (const info of Resource.VersionInfo.fromEntries(resources.entries)) {
    for (const language of info.getAllLanguagesForStringValues()) {
      info.removeAllStringValues(language);
    }
    info.setFileVersion(major, minor, patch, 0, ENGLISH);
    info.setProductVersion(major, minor, patch, 0, ENGLISH);
    info.setStringValues({ lang: ENGLISH, codepage: UNICODE }, { ...texts });
    info.outputToResourceEntries(resources.entries);
  }
}

function readIcons(icon: Uint8Array): Data.IconFile["icons"] {
  let icons: Data.IconFile["icons"] = [];
  try {
    ({ icons } = Data.IconFile.from(icon));
  } catch {
    // The error below covers it.
  }
  if (icons.length > 0) return icons;
  throw new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    "The file of --icon is not an .ico file; nothing was written. Convert the picture to an .ico file.",
  );
}

function setIcon(resources: NtExecutableResource, icon: Uint8Array): void {
  const icons = readIcons(icon);
  for (const { id, lang } of Resource.IconGroupEntry.fromEntries(resources.entries)) {
    Resource.IconGroupEntry.replaceIconsForResource(
      resources.entries,
      id,
      lang,
      icons.map(({ data }) => data),
    );
  }
}

/**
 * Makes an exe from a node.exe and a script. Pure: the same input gives the same bytes.
 *
 * Its subsystem is that of graphical programs, so that Windows opens no console window.
 *
 * @param path The path of the node.exe, for messages.
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` for an invalid node.exe or icon,
 * `ERR_WSB_BUILD` for an invalid shim.
 */
export function makeExe(path: string, nodeExe: Uint8Array, content: ExeContent): Uint8Array {
  const program = Buffer.from(nodeExe);
  const fuse = program.indexOf(FUSE);
  if (fuse === -1) throw notNode(path);
  program.writeUInt8("1".charCodeAt(0), fuse + FUSE.length - 1);
  const exe = parse(path, program);
  const resources = NtExecutableResource.from(exe);
  resources.entries.push({
    type: RT_RCDATA,
    id: BLOB_NAME,
    lang: ENGLISH,
    codepage: 0,
    bin: new Uint8Array(content.blob).buffer,
  });
  setMessages(resources, content.shim);
  setVersion(resources, content);
  if (content.icon !== undefined) setIcon(resources, content.icon);
  resources.outputResource(exe);
  exe.newHeader.optionalHeader.subsystem = WINDOWS_GUI;
  // Only drivers need a checksum, and a wrong one is worse than none.
  exe.newHeader.optionalHeader.checkSum = 0;
  return new Uint8Array(exe.generate());
}
