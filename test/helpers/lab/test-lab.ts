import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { inject } from "vitest";

import { bundleAddin } from "../../../src/tools/build/bundle-addin.ts";
import { createGuid } from "../../../src/base/guid.ts";
import { cloneLab } from "./clone-lab.ts";
import { labFolder } from "../../../src/tools/lab/folder.ts";
import { labInfo } from "../../../src/tools/lab/info.ts";
import type { Lab } from "../../../src/tools/lab/lab.ts";
import { toWindowsPath } from "../../../src/tools/lab/paths.ts";
import { killProcesses, processesWith } from "../../../src/tools/lab/processes.ts";
import { forgetDeadServers } from "./forget-dead-servers.ts";
import { MANIFEST_FILE, SERVER_FILE } from "../../../src/runtime/manifest/manifest.ts";
import { discardPrefix } from "./discard-prefix.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** The lab of a test file. */
export interface TestLab {
  readonly lab: Lab;
  /** The folder for files of the tests. */
  readonly folder: string;
  /** The value of `WSB_ADDIN_LAB` for commands in this lab. */
  readonly labFolder: string;
  /** Ends the tests' remaining programs, and removes their files. */
  remove(): Promise<void>;
}

/** Clones the lab of `wsb-addin lab up`; on Windows, returns this machine. */
function newLab(): Lab {
  const lab = labInfo(labFolder());
  if (lab === undefined) throw new Error("there is no lab: run npm run setup");
  if (lab.kind === "machine") return lab;
  return cloneLab(lab, mkdtempSync(join(inject("labRunFolder"), "lab-")));
}

function withFolder(lab: Lab, endLab: () => Promise<void>): TestLab {
  const folder = mkdtempSync(join(inject("labRunFolder"), "test-"));
  return {
    lab,
    folder,
    labFolder: lab.kind === "wine" ? lab.folder : folder,
    async remove() {
      await endLab();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Makes a lab for this test file only, independent of other files. */
export function makeTestLab(): TestLab {
  const lab = newLab();
  return withFolder(lab, async () => {
    if (lab.kind === "machine") return;
    await discardPrefix(lab.prefix);
    rmSync(lab.folder, { recursive: true, force: true });
  });
}

// Kept between the files of a Vitest worker; the global teardown removes the lab.
let borrowed: Lab | undefined;

/**
 * Lends the worker's lab to this test file, which saves the start of a new one. Only for files that
 * restore the machine: an agent removes their registrations, and their processes end here. Files
 * that change services, Windows' own files or settings must use {@link makeTestLab}.
 */
export function borrowTestLab(): TestLab {
  const lab = (borrowed ??= newLab());
  return withFolder(lab, async () => {
    if (lab.kind === "machine") return;
    const left = processesWith("WINEPREFIX", lab.prefix).filter(({ commandLine }) =>
      /\\(?:node|wsb-lab-\w+)\.exe/iu.test(commandLine),
    );
    if (left.length === 0) return;
    await killProcesses(left);
    await forgetDeadServers(lab);
  });
}

/** A built but unregistered add-in. */
export interface TestAddin {
  readonly clsid: string;
  readonly appId: string;
  readonly writerId: string;
  /** The folder of the project, with its manifest and `dist`. */
  readonly folder: string;
  /** The Windows paths for `register`. */
  readonly manifestFile: string;
  readonly serverScript: string;
}

/** Returns the path of a module of test/fixtures/addins. */
export function fixtureEntry(fixture: string): string {
  return join(root, "test", "fixtures", "addins", fixture);
}

/** The files of the builds so far, without the manifest, which is their only difference. */
const builds = new Map<string, readonly (readonly [name: string, content: Uint8Array])[]>();

async function buildInto(outFolder: string, fixture: string, manifestFile: string): Promise<void> {
  const files = builds.get(fixture);
  if (files === undefined) {
    const entry = fixtureEntry(fixture);
    await bundleAddin({ manifestFile, entry, outFolder });
    const names = readdirSync(outFolder).filter((name) => name !== MANIFEST_FILE);
    builds.set(
      fixture,
      names.map((name) => [name, readFileSync(join(outFolder, name))]),
    );
    return;
  }
  mkdirSync(outFolder);
  for (const [name, content] of files) writeFileSync(join(outFolder, name), content);
  copyFileSync(manifestFile, join(outFolder, MANIFEST_FILE));
}

/** Builds an add-in from a module of test/fixtures/addins with its own identity. */
export async function buildAddin(
  { lab, folder }: TestLab,
  fixture: string,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<TestAddin> {
  const projectFolder = mkdtempSync(join(folder, "addin with a space-"));
  const identity = { clsid: createGuid(), appId: createGuid(), writerId: createGuid() };
  const name = `Test ${identity.writerId}`;
  const manifest = { name, applicationIdentifier: name, lingerMs: 200, ...identity, ...settings };
  writeFileSync(join(projectFolder, MANIFEST_FILE), JSON.stringify(manifest));
  mkdirSync(join(projectFolder, "node_modules"));
  symlinkSync(root, join(projectFolder, "node_modules", "wsb-addin"), "junction");
  const outFolder = join(projectFolder, "dist");
  await buildInto(outFolder, fixture, join(projectFolder, MANIFEST_FILE));
  return {
    clsid: identity.clsid,
    appId: identity.appId,
    writerId: identity.writerId,
    folder: projectFolder,
    manifestFile: toWindowsPath(lab, join(projectFolder, MANIFEST_FILE)),
    serverScript: toWindowsPath(lab, join(outFolder, SERVER_FILE)),
  };
}

/** Returns the folder of an add-in's events and journal. */
export function dataFolder({ lab }: TestLab, { clsid }: Pick<TestAddin, "clsid">): string {
  const programData =
    lab.kind === "wine"
      ? join(lab.prefix, "drive_c", "ProgramData")
      : (process.env["ProgramData"] ?? "C:\\ProgramData");
  return join(programData, "wsb-addin", clsid);
}
