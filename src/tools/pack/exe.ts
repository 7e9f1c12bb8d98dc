import { Data, NtExecutable, NtExecutableResource, Resource } from "resedit";

import { WsbError, errorText } from "../../base/errors.ts";

/** What goes into an exe beside Node.js. */
export interface ExeContent {
  /** The script and its assets, as Node.js prepares them. */
  readonly blob: Uint8Array;
  /** Three numbers for the file and product version. */
  readonly numbers: readonly [number, number, number];
  /** Texts of the version resource by name: FileDescription, CompanyName … */
  readonly texts: Readonly<Record<string, string>>;
  /** Library whose messages for the Windows event log the exe has too. */
  readonly shim: Uint8Array;
  /** An .ico file. */
  readonly icon?: Uint8Array;
}

const AMD64 = 0x8664; // IMAGE_FILE_MACHINE_AMD64, winnt.h
const WINDOWS_GUI = 2; // IMAGE_SUBSYSTEM_WINDOWS_GUI
const RT_RCDATA = 10;
const RT_MESSAGETABLE = 11;
const ENGLISH = 1033;
const UNICODE = 1200;
const BLOB_NAME = "NODE_SEA_BLOB";
// What Node.js looks for in itself; the digit says whether there is a script in the exe.
// https://nodejs.org/docs/latest-v22.x/api/single-executable-applications.html
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:0";

function notNode(path: string): WsbError {
  return new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    `${path} is not a Windows node.exe for x64 of Node.js 20 or later. Name one with --node.`,
  );
}

function parse(path: string, program: Uint8Array): NtExecutable {
  try {
    // The signature is Node.js' own, and would be wrong for what the program becomes.
    return NtExecutable.from(program, { ignoreCert: true });
  } catch {
    throw notNode(path);
  }
}

/**
 * Returns the version of a node.exe, `22.23.3`.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` when it is something else.
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

/** Windows looks an event's text up in the file that its source names: here the exe itself. */
function setMessages(resources: NtExecutableResource, shim: Uint8Array): void {
  const messages = resourcesOf(shim).filter(isMessage);
  if (messages.length === 0) {
    throw new WsbError("ERR_WSB_BUILD", "The shim has no texts of events. Build it again.");
  }
  resources.entries = [...resources.entries.filter((entry) => !isMessage(entry)), ...messages];
}

function resourcesOf(shim: Uint8Array): NtExecutableResource["entries"] {
  try {
    // It may be signed already.
    return NtExecutableResource.from(NtExecutable.from(shim, { ignoreCert: true })).entries;
  } catch (error) {
    const reason = `The shim is not a Windows library: ${errorText(error)}. Build it again.`;
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
    // Said below.
  }
  if (icons.length > 0) return icons;
  throw new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    "--icon does not name an .ico file; nothing was written. Convert the picture to one.",
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
 * Makes one exe of a node.exe and a script. Pure: the same input gives the same bytes.
 *
 * It belongs to the subsystem of graphical programs, so that no console window opens for it.
 *
 * @param path Of the node.exe, for messages.
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` when that is something else, or the icon is;
 * `ERR_WSB_BUILD` when the shim is none.
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
  // Only drivers need one; a wrong one is worse than none.
  exe.newHeader.optionalHeader.checkSum = 0;
  return new Uint8Array(exe.generate());
}
