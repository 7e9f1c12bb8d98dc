import { Data, NtExecutable, NtExecutableResource, Resource } from "resedit";

const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:0";
const READ_ONLY_DATA = 0x40000040; // IMAGE_SCN_MEM_READ, IMAGE_SCN_CNT_INITIALIZED_DATA
const DEBUG_DIRECTORY = 6;
const language = { lang: 1033, codepage: 1200 };

/** Returns an .ico file of one pixel. */
export function tinyIcon(colour: number): Uint8Array {
  const directory = [0, 0, 1, 0, 1, 0, 1, 1, 0, 0, 1, 0, 32, 0, 48, 0, 0, 0, 22, 0, 0, 0];
  const header = Buffer.alloc(40);
  header.writeUInt32LE(40);
  header.writeInt32LE(1, 4);
  header.writeInt32LE(2, 8);
  header.writeUInt16LE(1, 12);
  header.writeUInt16LE(32, 14);
  const pixelAndMask = Buffer.alloc(8);
  pixelAndMask.writeUInt32LE(colour);
  return Buffer.concat([Buffer.from(directory), header, pixelAndMask]);
}

/** Returns a program with the marks of node.exe that packing needs, but without code. */
export function tinyNodeExe(
  texts: Readonly<Record<string, string>> = {},
  mark: string = FUSE,
): Uint8Array {
  const exe = NtExecutable.createEmpty(false, false);
  const data = Buffer.alloc(512);
  data.write(mark);
  exe.setSectionByEntry(DEBUG_DIRECTORY, {
    info: {
      name: ".rdata",
      virtualSize: data.length,
      virtualAddress: 0,
      sizeOfRawData: data.length,
      pointerToRawData: 0,
      pointerToRelocations: 0,
      pointerToLineNumbers: 0,
      numberOfRelocations: 0,
      numberOfLineNumbers: 0,
      characteristics: READ_ONLY_DATA,
    },
    data: new Uint8Array(data).buffer,
  });
  const resources = NtExecutableResource.from(exe);
  const version = Resource.VersionInfo.createEmpty();
  version.lang = language.lang;
  const known = { ProductName: "Node.js", ProductVersion: "22.23.3", CompanyName: "Node.js" };
  version.setStringValues(language, { ...known, ...texts });
  version.outputToResourceEntries(resources.entries);
  const icons = Data.IconFile.from(tinyIcon(0)).icons.map((icon) => icon.data);
  Resource.IconGroupEntry.replaceIconsForResource(resources.entries, 1, language.lang, icons);
  resources.outputResource(exe);
  return new Uint8Array(exe.generate());
}

/** Returns a library with or without a message table. */
export function tinyShim(messages: string | undefined): Uint8Array {
  const library = NtExecutable.createEmpty(false, true);
  const resources = NtExecutableResource.from(library);
  const version = Resource.VersionInfo.createEmpty();
  version.lang = language.lang;
  version.outputToResourceEntries(resources.entries);
  if (messages !== undefined) {
    const bin = new Uint8Array(Buffer.from(messages)).buffer;
    resources.entries.push({ type: 11, id: 1, lang: language.lang, codepage: 0, bin });
  }
  resources.outputResource(library);
  return new Uint8Array(library.generate());
}
