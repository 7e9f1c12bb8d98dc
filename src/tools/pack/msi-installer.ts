import { WsbError } from "../../base/errors.ts";
import { nameGuid } from "../../base/guid.ts";
import { needsBootTask } from "../registration/boot-task.ts";
import type { Manifest } from "../../runtime/manifest/manifest.ts";
import { closeProperty, openProperty } from "../export/paths.ts";
import { DEFINE_DOLLAR, groupId, plainText, wxs } from "../export/wxs.ts";
import { planRegistration, type Installation } from "../registration/plan.ts";
import type { Product } from "./product.ts";

/** The contents of an MSI package. */
export interface InstallerContent {
  readonly product: Product;
  readonly manifest: Manifest;
  /** The file names below the install folder, with `/`; the files are beside the sources. */
  readonly files: readonly string[];
  /** The file that COM starts. */
  readonly program: string;
  /** The script that the program runs; absent for a packed exe. */
  readonly script: string | undefined;
  /** The script of the command line that the program runs; absent for a packed exe. */
  readonly commandLine: string | undefined;
}

/** The sources of an MSI package, by file name. */
export interface InstallerSources {
  readonly installer: string;
  readonly registration: string;
}

// A name with a lower-case letter is a private property, so no msiexec command line can change the
// folder. The add-in runs as LocalSystem and must be where only administrators can write.
const FOLDER = "InstallFolder";

function installed(name: string): string {
  return `${openProperty}${FOLDER}${closeProperty}${name}`;
}

// wixl 0.101 loses these characters, or crashes.
const BEYOND_WIXL = /[\u0800-\u{10FFFF}]/u;

/**
 * Refuses names that the package builder would damage.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` that names the text.
 */
export function requireCarried(
  { name, applicationIdentifier }: Manifest,
  { publisher }: Product,
  platform: NodeJS.Platform = process.platform,
): void {
  if (platform === "win32") return;
  const lost = [name, applicationIdentifier, publisher].find((text) => BEYOND_WIXL.test(text));
  if (lost === undefined) return;
  throw new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    `wixl 0.101 cannot write ${JSON.stringify(lost)} into an MSI package: it loses characters from U+0800 on; nothing was written. Pack on Windows with the WiX Toolset, or use --format zip.`,
  );
}

/** Returns the code of a product version, which prevents a second installation of the version. */
function productCode({ upgradeCode, numbers }: Product): string {
  return nameGuid(["product", upgradeCode, ...numbers].join("\n"));
}

function isProgram(name: string): boolean {
  return name.endsWith(".exe");
}

// The first file of a component decides whether Windows Installer installs the component. During an
// upgrade the older version is still there at that point, and a file without a version loses
// against an exe of any version.
function inOrder(files: readonly string[]): readonly string[] {
  return [...files.filter((name) => !isProgram(name)), ...files.filter(isProgram)];
}

/** A folder of the installation and the files directly in it. */
interface InstalledFolder {
  /** The path with `/`; `""` for the install folder. */
  readonly path: string;
  readonly files: readonly string[];
}

function parentOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}

function foldersOf(files: readonly string[]): readonly InstalledFolder[] {
  const paths = new Set([""]);
  for (const file of files) {
    for (let path = parentOf(file); path !== ""; path = parentOf(path)) paths.add(path);
  }
  return [...paths].map((path) => ({
    path,
    files: inOrder(files.filter((file) => parentOf(file) === path)),
  }));
}

function component(
  { path, files }: InstalledFolder,
  index: number,
  { upgradeCode }: Product,
): readonly string[] {
  if (files.length === 0) return [];
  // A component with other files needs another GUID.
  const guid = nameGuid(["files", upgradeCode, path, ...files].join("\n"));
  return [
    `<Component Id="Files${index}" Guid="${guid}" Win64="yes">`,
    ...files.map((file, position) => {
      const name = plainText(file.slice(path === "" ? 0 : path.length + 1));
      const key = position === 0 ? ' KeyPath="yes"' : "";
      return `  <File Id="File${index}.${position}" Name="${name}" Source="${plainText(file)}"${key}/>`;
    }),
    "</Component>",
  ];
}

function directory(
  folders: readonly InstalledFolder[],
  index: number,
  product: Product,
): readonly string[] {
  const folder = folders[index];
  if (folder === undefined) return [];
  const { path } = folder;
  const id = path === "" ? FOLDER : `Folder${index}`;
  const name = path === "" ? product.folderName : path.slice(path.lastIndexOf("/") + 1);
  const below = folders.flatMap((other, position) =>
    other.path !== "" && parentOf(other.path) === path ? directory(folders, position, product) : [],
  );
  const content = [...component(folder, index, product), ...below].map((line) => `  ${line}`);
  return [`<Directory Id="${id}" Name="${plainText(name)}">`, ...content, "</Directory>"];
}

/** The actions of a package, and when they run. */
interface Actions {
  readonly actions: readonly string[];
  readonly order: readonly string[];
}

/** How the package starts a command of the installed program. */
interface InstalledCommand {
  readonly id: string;
  readonly command: string;
  /** Whether the installation goes on if the command fails. */
  readonly onFailure: "stop" | "go on";
}

function installedCommand(
  { program, commandLine }: InstallerContent,
  folders: readonly InstalledFolder[],
  { id, command, onFailure }: InstalledCommand,
): string {
  const position = folders.find(({ path }) => path === "")?.files.indexOf(program) ?? -1;
  if (position < 0) throw new Error(`${program} is not among the files to install`);
  const script = commandLine === undefined ? "" : `&quot;[${FOLDER}]${commandLine}&quot; `;
  return (
    `<CustomAction Id="${id}" FileKey="File0.${position}" ExeCommand="${script}${command}" ` +
    `Execute="deferred" Impersonate="no" Return="${onFailure === "stop" ? "check" : "ignore"}"/>`
  );
}

/**
 * Returns the action that refuses a removal while a restore is in progress, before anything is
 * changed. An upgrade runs the one of the older version, which it removes.
 */
function sessionCheck(content: InstallerContent, folders: readonly InstalledFolder[]): Actions {
  if (content.manifest.addin === undefined) return { actions: [], order: [] };
  // Windows Installer shows this name when the action fails.
  const id = "RefuseDuringRestore";
  const command = "recover --before-change";
  return {
    actions: [installedCommand(content, folders, { id, command, onFailure: "stop" })],
    order: [
      `  <Custom Action="${id}" Sequence="1510">REMOVE=&quot;ALL&quot; AND NOT NOSESSIONCHECK</Custom>`,
    ],
  };
}

/**
 * Returns the actions that create the start-up task last and remove it before its program.
 *
 * A failure does not roll back: an older version may already be removed, and an add-in without the
 * task is better than no add-in. wixl does not support rollback actions either.
 */
function bootRecovery(content: InstallerContent, folders: readonly InstalledFolder[]): Actions {
  if (!needsBootTask(content.manifest)) return { actions: [], order: [] };
  // These names and numbers decide whether wixl removes an older version before or after the
  // installation. The test of an upgrade checks it.
  const ids = { on: "BootRecoveryOn", off: "BootRecoveryOff" };
  const action = (state: "on" | "off"): string =>
    installedCommand(content, folders, {
      id: ids[state],
      command: `boot-recovery ${state}`,
      onFailure: "go on",
    });
  return {
    actions: [action("on"), action("off")],
    order: [
      `  <Custom Action="${ids.off}" Sequence="3400">REMOVE=&quot;ALL&quot;</Custom>`,
      `  <Custom Action="${ids.on}" Sequence="6500">NOT REMOVE AND NOT NOBOOTRECOVERY</Custom>`,
    ],
  };
}

/** Returns the actions of a package as lines of its source. */
function customActions(
  content: InstallerContent,
  folders: readonly InstalledFolder[],
): readonly string[] {
  const all = [sessionCheck(content, folders), bootRecovery(content, folders)];
  const order = all.flatMap((one) => one.order);
  if (order.length === 0) return [];
  return [
    ...all.flatMap(({ actions }) => actions),
    "<InstallExecuteSequence>",
    ...order,
    "</InstallExecuteSequence>",
  ];
}

function writeInstaller(content: InstallerContent): string {
  const { product, files } = content;
  const folders = foldersOf(files);
  const { name, publisher, numbers, upgradeCode, fileName } = product;
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    DEFINE_DOLLAR,
    '<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">',
    `  <Product Id="${productCode(product)}" Name="${plainText(name)}" Version="${numbers.join(".")}"`,
    `    Manufacturer="${plainText(publisher)}" Language="1033" Codepage="65001"`,
    `    UpgradeCode="${upgradeCode}">`,
    '    <Package InstallerVersion="500" Compressed="yes" InstallScope="perMachine"/>',
    // Removes the older version within the installation of the newer one, so that a failure
    // restores it. wixl ignores this and removes the older version first.
    '    <MajorUpgrade Schedule="afterInstallInitialize"',
    '      DowngradeErrorMessage="A newer version is installed."/>',
    '    <Media Id="1" Cabinet="files.cab" EmbedCab="yes"/>',
    '    <Property Id="ARPNOMODIFY" Value="1"/>',
    // All files belong to the product, so changed files are replaced.
    '    <Property Id="REINSTALLMODE" Value="amus"/>',
    '    <Directory Id="TARGETDIR" Name="SourceDir">',
    '      <Directory Id="ProgramFiles64Folder">',
    ...directory(folders, 0, product).map((line) => `        ${line}`),
    "      </Directory>",
    "    </Directory>",
    ...customActions(content, folders).map((line) => `    ${line}`),
    '    <Feature Id="Main" Level="1">',
    ...folders.flatMap((folder, index) =>
      folder.files.length === 0 ? [] : [`      <ComponentRef Id="Files${index}"/>`],
    ),
    `      <ComponentGroupRef Id="${groupId(fileName)}"/>`,
    "    </Feature>",
    "  </Product>",
    "</Wix>",
  ];
  return lines.map((line) => `${line}\r\n`).join("");
}

/**
 * Writes the sources of an MSI package that installs an add-in below Program Files and registers
 * it, and removes both. Pure.
 */
export function writeInstallerSources(content: InstallerContent): InstallerSources {
  const { product, manifest, program, script } = content;
  const nodeExe = installed(program);
  const installation: Installation =
    script === undefined ? { nodeExe } : { nodeExe, serverScript: installed(script) };
  const plan = planRegistration(manifest, installation);
  const context = { manifest, installation, folder: FOLDER, fileName: product.fileName };
  const [fragment] = wxs.write(plan, context);
  return {
    installer: writeInstaller(content),
    registration: Buffer.from(fragment?.content ?? "").toString("utf8"),
  };
}
