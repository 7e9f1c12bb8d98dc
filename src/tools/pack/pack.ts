import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

import { makeFolders } from "../../base/make-folders.ts";
import { readBuildInputs } from "../build/bundle-addin.ts";
import { WsbError } from "../../base/errors.ts";
import { decodeText } from "../../base/decode-text.ts";
import { fileError } from "../../base/file-error.ts";
import { MANIFEST_FILE, type Manifest } from "../../runtime/manifest/manifest.ts";
import { SHIM_FILE } from "../../runtime/native/binding.ts";
import { buildMsi, msiSteps } from "./build-msi.ts";
import { requireCarried, writeInstallerSources } from "./msi-installer.ts";
import { findPackedNode, type NodeProgram } from "./packed-node.ts";
import { listPackages } from "./packages.ts";
import { makeFolder, makeSingleExe, type Payload } from "./payload.ts";
import { describeProduct, readPackageFields, type Product, type ProductFields } from "./product.ts";
import { sha256, writeBom, type HashedFile } from "./sbom.ts";
import { checkSigning, signFile, type SignOptions } from "./sign.ts";
import { makeZip } from "./zip.ts";

/** The formats that `wsb-addin pack` makes. */
export const PACK_FORMATS = ["folder", "exe", "zip", "msi"] as const;

export type PackFormat = (typeof PACK_FORMATS)[number];

/** The form of an add-in in a zip archive or an MSI package. */
export type PayloadForm = "folder" | "exe";

export interface PackOptions {
  readonly manifestFile: string;
  /** The module whose default export is the add-in. */
  readonly entry: string;
  readonly outFolder: string;
  readonly formats: readonly PackFormat[];
  readonly payload: PayloadForm;
  /** The path of a Windows node.exe; see {@link findPackedNode}. */
  readonly node?: string | undefined;
  /** The cache folder for a downloaded Node.js. */
  readonly downloadFolder: string;
  /** The contents of an .ico file for the exe. */
  readonly icon?: Uint8Array | undefined;
  readonly product: ProductFields;
  readonly sign?: SignOptions | undefined;
  readonly signal?: AbortSignal;
}

/** A result of packing. */
export interface Artifact {
  readonly format: PackFormat;
  readonly path: string;
  /** The path of its bill of materials. */
  readonly bom: string;
  /** Absent for a folder. */
  readonly sha256?: string;
}

interface Pack {
  readonly options: PackOptions;
  readonly manifest: Manifest;
  readonly product: Product;
  readonly node: NodeProgram;
  /** A folder on the same disk as the results, for unfinished files. */
  readonly staging: string;
}

function productOf({ manifestFile, product }: PackOptions, manifest: Manifest): Product {
  const packageFile = join(dirname(manifestFile), "package.json");
  const fields = existsSync(packageFile)
    ? readPackageFields(
        decodeText(readFileSync(packageFile), {
          file: packageFile,
          code: "ERR_WSB_INVALID_ARGUMENT",
        }),
        packageFile,
      )
    : {};
  return describeProduct(manifest, {
    version: product.version ?? fields.version,
    publisher: product.publisher ?? fields.publisher,
    upgradeCode: product.upgradeCode,
  });
}

function artifactName(format: PackFormat, { fileName }: Product): string {
  return format === "folder" ? fileName : `${fileName}.${format}`;
}

function formOf(format: PackFormat, { payload }: Pick<PackOptions, "payload">): PayloadForm {
  return format === "folder" || format === "exe" ? format : payload;
}

/** Throws unless a folder may be replaced: it is missing or a packed add-in. */
function requireReplaceable(path: string): void {
  if (!existsSync(path) || existsSync(join(path, MANIFEST_FILE))) return;
  throw new WsbError(
    "ERR_WSB_TARGET_EXISTS",
    `${path} already exists and is not a packed add-in; nothing was written. Give another folder with --out.`,
  );
}

async function preparedShim({ options, product, staging }: Pack, shim: string): Promise<string> {
  const { sign, signal } = options;
  if (sign === undefined) return shim;
  const own = join(staging, SHIM_FILE);
  copyFileSync(shim, own);
  await signFile(own, product.name, sign, signal);
  return own;
}

async function makePayload(pack: Pack, form: PayloadForm, shim: string): Promise<Payload> {
  const { options, product, node, staging } = pack;
  const { manifestFile, entry, icon, downloadFolder, sign, signal } = options;
  const inputs = {
    manifestFile,
    entry,
    downloadFolder,
    product,
    node,
    shim,
    icon,
    folder: join(staging, form),
  };
  if (form === "folder") return makeFolder(inputs);
  const payload = await makeSingleExe(inputs, signal);
  if (sign !== undefined) {
    await signFile(join(payload.folder, payload.program), product.name, sign, signal);
  }
  return payload;
}

function zipOf({ folder, files, script }: Payload, { fileName }: Product): Uint8Array {
  // Several files are unpacked into their own folder.
  const prefix = script === undefined ? "" : `${fileName}/`;
  return makeZip(
    files.map((name) => ({ name: `${prefix}${name}`, content: readFileSync(join(folder, name)) })),
  );
}

async function msiOf(pack: Pack, payload: Payload): Promise<Uint8Array> {
  const { manifest, product, options } = pack;
  const { folder, program, script, commandLine } = payload;
  const files = [...payload.files, ...payload.written];
  const sources = writeInstallerSources({
    product,
    manifest,
    files,
    program,
    script,
    commandLine,
  });
  return buildMsi(folder, files, sources, options.signal);
}

/** Makes one format of a payload in the staging folder and returns its path. */
async function makeArtifact(pack: Pack, format: PackFormat, payload: Payload): Promise<string> {
  const { options, product, staging } = pack;
  const { sign, signal } = options;
  const results = join(staging, "results");
  makeFolders(results);
  const path = join(results, artifactName(format, product));
  switch (format) {
    case "folder":
      // A copy, because an MSI package may be made from the payload's own folder too.
      mkdirSync(path);
      for (const name of payload.files) cpSync(join(payload.folder, name), join(path, name));
      break;
    case "exe":
      cpSync(join(payload.folder, payload.program), path);
      break;
    case "zip":
      writeFileSync(path, zipOf(payload, product));
      break;
    case "msi":
      writeFileSync(path, await msiOf(pack, payload));
      if (sign !== undefined) await signFile(path, product.name, sign, signal);
      break;
  }
  return path;
}

function hashFiles({ folder, files }: Payload): readonly HashedFile[] {
  return files.map((name) => ({ name, sha256: sha256(readFileSync(join(folder, name))) }));
}

/** Moves a finished artifact to the output folder and writes its bill of materials beside it. */
function finish(pack: Pack, format: PackFormat, payload: Payload, made: string): Artifact {
  const { options, product, node } = pack;
  const digest = format === "folder" ? undefined : sha256(readFileSync(made));
  const bom = writeBom({
    product,
    format,
    artifact: digest === undefined ? undefined : { name: basename(made), sha256: digest },
    files: format === "exe" ? [] : hashFiles(payload),
    node: { version: node.version, sha256: sha256(node.content) },
    packages: listPackages(dirname(options.manifestFile), payload.sources),
  });
  const path = join(options.outFolder, basename(made));
  rmSync(path, { recursive: true, force: true });
  renameSync(made, path);
  const bomPath = `${path}.cdx.json`;
  writeFileSync(bomPath, bom);
  return { format, path, bom: bomPath, ...(digest !== undefined && { sha256: digest }) };
}

/** An exe serves only an add-in; its service would have no program. */
function requireScripts({ formats, payload }: PackOptions, { writer }: Manifest): void {
  const isExe = formats.some((format) => formOf(format, { payload }) === "exe");
  if (writer.kind !== "service" || !isExe) return;
  throw new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    "A single exe cannot contain a writer in a service; nothing was written. Use --format folder, or --payload folder.",
  );
}

async function packInto(pack: Pack, shim: string): Promise<readonly Artifact[]> {
  const { options } = pack;
  const ready = await preparedShim(pack, shim);
  const payloads = new Map<PayloadForm, Payload>();
  const made: { format: PackFormat; payload: Payload; path: string }[] = [];
  for (const format of options.formats) {
    const form = formOf(format, options);
    const payload = payloads.get(form) ?? (await makePayload(pack, form, ready));
    payloads.set(form, payload);
    made.push({ format, payload, path: await makeArtifact(pack, format, payload) });
  }
  // All artifacts are made before the first one is moved.
  return made.map(({ format, payload, path }) => finish(pack, format, payload, path));
}

/** Runs `work` with a staging folder inside the output folder, and removes the staging folder. */
async function withStaging<T>(
  outFolder: string,
  work: (staging: string) => Promise<T>,
): Promise<T> {
  const isNew = !existsSync(outFolder);
  makeFolders(outFolder);
  const staging = mkdtempSync(join(outFolder, ".pack-"));
  try {
    return await work(staging);
  } finally {
    rmSync(staging, { recursive: true, force: true });
    if (isNew && readdirSync(outFolder).length === 0) rmdirSync(outFolder);
  }
}

/** Checks everything that can be refused before a download or a write. */
function checkOptions(options: PackOptions, manifest: Manifest, product: Product): void {
  const { formats, sign, outFolder } = options;
  if (formats.includes("msi")) {
    msiSteps();
    requireCarried(manifest, product);
  }
  if (sign !== undefined) checkSigning(sign);
  requireReplaceable(join(outFolder, artifactName("folder", product)));
}

/**
 * Builds an add-in and packs it for servers without Node.js, each format with a bill of materials.
 * The same input gives the same bytes, except for signatures. A failure leaves the results of
 * earlier runs unchanged.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_MANIFEST`, `ERR_WSB_INVALID_ARGUMENT`, `ERR_WSB_BUILD`,
 * `ERR_WSB_TARGET_EXISTS` or `ERR_WSB_FILE`.
 */
export async function packAddin(options: PackOptions): Promise<readonly Artifact[]> {
  const { manifest, shim } = readBuildInputs(options);
  requireScripts(options, manifest);
  const product = productOf(options, manifest);
  checkOptions(options, manifest, product);
  const { outFolder, downloadFolder, signal } = options;
  try {
    return await withStaging(outFolder, async (staging) => {
      const node = await findPackedNode({ node: options.node, downloadFolder, signal });
      return packInto({ options, manifest, product, node, staging }, shim);
    });
  } catch (error) {
    throw fileError(`Cannot pack into --out ${outFolder}`, "Choose another folder.", error);
  }
}
