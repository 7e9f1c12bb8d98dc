/** A project whose writer is a service. */
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { bundleAddin } from "../../../src/tools/build/bundle-addin.ts";
import { toWindowsPath } from "../../../src/tools/lab/paths.ts";
import { MANIFEST_FILE, WRITER_FILE } from "../../../src/runtime/manifest/manifest.ts";
import { repository } from "../../generator/generator.ts";
import type { TestLab } from "./test-lab.ts";

/** A freeze flushes what the application holds in memory. */
function writerSource(folder: string): string {
  return `import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineWriter } from "wsb-addin";

const folder = ${JSON.stringify(folder)};

export default defineWriter({
  freeze() {
    writeFileSync(join(folder, "ledger.txt"), "flushed");
  },
  thaw({ reason }) {
    appendFileSync(join(folder, "thaws.txt"), reason + "\\n");
  },
});
`;
}

export interface WriterProject {
  readonly folder: string;
  /** The built script, a Windows path. */
  readonly script: string;
}

export interface WriterProjectOptions {
  readonly writerId: string;
  /** The folder of the application's files. */
  readonly ledger: string;
  /** Returns the text of `src/writer.ts` for that folder, a Windows path. */
  readonly source?: (folder: string) => string;
}

/** Makes and builds a project with only a writer. */
export async function buildWriterProject(
  { lab, folder }: TestLab,
  { writerId, ledger, source = writerSource }: WriterProjectOptions,
): Promise<WriterProject> {
  const project = mkdtempSync(join(folder, "writer with a space-"));
  const path = toWindowsPath(lab, ledger);
  const name = "Contoso Ledger";
  const components = [{ name: "Ledger", files: [{ path, filespec: "*", recursive: true }] }];
  const manifest = {
    name,
    writerId,
    applicationIdentifier: name,
    writer: { kind: "service", components },
  };
  const manifestFile = join(project, MANIFEST_FILE);
  writeFileSync(manifestFile, JSON.stringify(manifest));
  mkdirSync(join(project, "src"));
  writeFileSync(join(project, "src", "writer.ts"), source(path));
  mkdirSync(join(project, "node_modules"));
  symlinkSync(repository, join(project, "node_modules", "wsb-addin"), "junction");
  const outFolder = join(project, "dist");
  await bundleAddin({ manifestFile, entry: join(project, "src", "addin.ts"), outFolder });
  return { folder: project, script: toWindowsPath(lab, join(outFolder, WRITER_FILE)) };
}
