import { constants, copyFileSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";

import { makeFolders } from "../../base/make-folders.ts";
import { bundleAddin, entryImport } from "../build/bundle-addin.ts";
import { bundleServer, packedMain } from "../build/bundle-server.ts";
import { usesDotnet } from "../build/dotnet-files.ts";
import { WsbError } from "../../base/errors.ts";
import {
  MANIFEST_FILE,
  PACKED_SERVER,
  SERVER_FILE,
  SERVER_MAP_FILE,
} from "../../runtime/manifest/manifest.ts";
import { SHIM_FILE } from "../../runtime/native/binding.ts";
import { packedShimName } from "../../runtime/native/packed-shim.ts";
import { makeBlob } from "./blob.ts";
import { makeExe } from "./exe.ts";
import { findPreparingNode, type NodeProgram } from "./packed-node.ts";
import type { Product } from "./product.ts";

/** The inputs of a payload. */
export interface PayloadInputs {
  readonly manifestFile: string;
  readonly entry: string;
  readonly product: Product;
  readonly node: NodeProgram;
  /** The path of the shim, signed or not. */
  readonly shim: string;
  /** The contents of an .ico file. */
  readonly icon: Uint8Array | undefined;
  /** The cache folder for a downloaded Node.js. */
  readonly downloadFolder: string;
  /** The folder to create for the payload. */
  readonly folder: string;
}

/** The files of a packed add-in, in their own folder. */
export interface Payload {
  readonly folder: string;
  /** The names of all files, with `/` between folders. */
  readonly files: readonly string[];
  /**
   * Additional files for an installer, which the program would otherwise write at its first start.
   */
  readonly written: readonly string[];
  /** The file that COM starts, and its script. */
  readonly program: string;
  readonly script: string | undefined;
  /** The script of the command line that the program runs; absent for a packed exe. */
  readonly commandLine: string | undefined;
  /** The sources of the server, relative to the manifest's folder. */
  readonly sources: readonly string[];
}

const NODE_EXE = "node.exe";
/** The script of the command line in a packed folder: `node.exe wsb-addin.js register`. */
const PROGRAM_FILE = "wsb-addin.js";

/** Lists every file below a folder, with `/`. */
function listFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, "/"))
    .toSorted();
}

/** Makes a payload of several files: node.exe, server.js with its map, the shim, the manifest. */
export async function makeFolder(inputs: PayloadInputs): Promise<Payload> {
  const { manifestFile, entry, node, shim, folder } = inputs;
  const { sources } = await bundleAddin({ manifestFile, entry, outFolder: folder });
  copyFileSync(shim, join(folder, SHIM_FILE));
  copyFileSync(node.path, join(folder, NODE_EXE), constants.COPYFILE_FICLONE);
  copyFileSync(packedMain(), join(folder, PROGRAM_FILE));
  return {
    folder,
    files: listFiles(folder),
    written: [],
    program: NODE_EXE,
    script: SERVER_FILE,
    commandLine: PROGRAM_FILE,
    sources,
  };
}

/** Bundles the server into a single script for an exe. */
async function bundleForExe(
  { manifestFile, entry }: PayloadInputs,
  outFile: string,
): Promise<readonly string[]> {
  const projectFolder = dirname(manifestFile);
  const sources = await bundleServer({
    projectFolder,
    entry: entryImport(projectFolder, entry),
    outFile,
    form: "exe",
  });
  if (!usesDotnet(sources)) return sources;
  throw new WsbError(
    "ERR_WSB_BUILD",
    "Cannot pack .NET handlers into a single exe, because edge-js does not run there; nothing was written. Use --format folder or --payload folder.",
  );
}

/** Returns the texts of the exe's version resource. */
function versionTexts({ product, node }: PayloadInputs): Readonly<Record<string, string>> {
  const { name, version, publisher, fileName } = product;
  return {
    CompanyName: publisher,
    FileDescription: name,
    FileVersion: version,
    InternalName: fileName,
    OriginalFilename: `${fileName}.exe`,
    ProductName: name,
    ProductVersion: version,
    Comments: `Windows Server Backup add-in, on Node.js ${node.version}`,
  };
}

/** Makes a payload of one exe that contains everything else. */
export async function makeSingleExe(inputs: PayloadInputs, signal?: AbortSignal): Promise<Payload> {
  const { manifestFile, product, node, shim, icon, downloadFolder, folder } = inputs;
  const work = join(folder, "work");
  makeFolders(work);
  const script = PACKED_SERVER;
  const sources = await bundleForExe(inputs, join(work, script));
  copyFileSync(manifestFile, join(work, MANIFEST_FILE));
  copyFileSync(shim, join(work, SHIM_FILE));
  const preparing = await findPreparingNode(node, { downloadFolder, signal });
  const blob = await makeBlob(
    { node: preparing, folder: work, script, assets: [MANIFEST_FILE, SHIM_FILE, SERVER_MAP_FILE] },
    signal,
  );
  const shimContent = readFileSync(shim);
  const exe = makeExe(node.path, node.content, {
    blob,
    numbers: product.numbers,
    shim: shimContent,
    texts: versionTexts(inputs),
    ...(icon === undefined ? {} : { icon }),
  });
  const program = `${product.fileName}.exe`;
  writeFileSync(join(folder, program), exe);
  const written = packedShimName(shimContent);
  writeFileSync(join(folder, written), shimContent);
  return {
    folder,
    files: [program],
    written: [written],
    program,
    script: undefined,
    commandLine: undefined,
    sources,
  };
}
