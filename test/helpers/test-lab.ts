import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { bundleAddin } from "../../src/bundle/bundle-addin.ts";
import { createGuid } from "../../src/guid.ts";
import { cloneLab } from "../../src/lab/clone.ts";
import { labFolder } from "../../src/lab/folder.ts";
import { labInfo } from "../../src/lab/info.ts";
import type { Lab } from "../../src/lab/lab.ts";
import { toWindowsPath } from "../../src/lab/paths.ts";
import { endLabProcesses } from "../../src/lab/processes.ts";
import { MANIFEST_FILE, SERVER_FILE } from "../../src/manifest/manifest.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A lab of one test file: nothing that another file does is seen here. */
export interface TestLab {
  readonly lab: Lab;
  /** Folder for files of the tests. */
  readonly folder: string;
  /** Value of `WSB_ADDIN_LAB` for commands in this lab. */
  readonly labFolder: string;
  remove(): Promise<void>;
}

/** Makes a lab of its own from the one that `wsb-addin lab up` made; on Windows, this machine. */
export function makeTestLab(): TestLab {
  const lab = labInfo(labFolder());
  if (lab === undefined) throw new Error("there is no lab: run npm run setup");
  // On the lab's own file system, where a clone is made of hard links.
  // On Windows, where register accepts what runs as LocalSystem.
  const place =
    lab.kind === "wine" ? lab.folder : (process.env["ProgramFiles"] ?? "C:\\Program Files");
  const folder = mkdtempSync(join(place, "test-"));
  const own = lab.kind === "wine" ? cloneLab(lab, join(folder, "lab")) : lab;
  return {
    lab: own,
    folder,
    labFolder: own.kind === "wine" ? own.folder : folder,
    async remove() {
      await endLabProcesses(own);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A built add-in, not yet registered. */
export interface TestAddin {
  readonly clsid: string;
  readonly appId: string;
  readonly writerId: string;
  /** Folder of the project: its manifest, and `dist`. */
  readonly folder: string;
  /** Windows paths, as `register` takes them. */
  readonly manifestFile: string;
  readonly serverScript: string;
}

/** Where a module of test/fixtures/addins is. */
export function fixtureEntry(fixture: string): string {
  return join(root, "test", "fixtures", "addins", fixture);
}

/** Builds an add-in from a module of test/fixtures/addins, with an identity of its own. */
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
  await bundleAddin({
    manifestFile: join(projectFolder, MANIFEST_FILE),
    entry: fixtureEntry(fixture),
    outFolder,
  });
  return {
    clsid: identity.clsid,
    appId: identity.appId,
    writerId: identity.writerId,
    folder: projectFolder,
    manifestFile: toWindowsPath(lab, join(projectFolder, MANIFEST_FILE)),
    serverScript: toWindowsPath(lab, join(outFolder, SERVER_FILE)),
  };
}
