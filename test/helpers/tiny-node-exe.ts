import { NtExecutable, NtExecutableResource, Resource } from "resedit";

const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:0";
const READ_ONLY_DATA = 0x40000040; // IMAGE_SCN_MEM_READ, IMAGE_SCN_CNT_INITIALIZED_DATA
const DEBUG_DIRECTORY = 6;
const language = { lang: 1033, codepage: 1200 };

/** A program with the marks of node.exe that packing looks for, and nothing to run in it. */
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
  resources.outputResource(exe);
  return new Uint8Array(exe.generate());
}
