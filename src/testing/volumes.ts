import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { dirname, join, sep } from "node:path";

import type { VolumePair } from "../runtime/addin/define-addin.ts";

/** The contents of a volume's files, by their paths with forward slashes. */
export type VolumeFiles = Readonly<Record<string, string | Uint8Array>>;

/** The volumes of a backup, each with a folder instead of a shadow copy. */
export class TestVolumes {
  readonly #folders: string[] = [];

  /** Adds a volume whose shadow copy has these files. */
  add(files: VolumeFiles): VolumePair {
    const folder = mkdtempSync(join(tmpdir(), "wsb-addin-volume-"));
    this.#folders.push(folder);
    for (const [path, content] of Object.entries(files)) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
    // The live volume does not exist, so a check that reads it fails, as it should.
    return { source: `\\\\?\\Volume{${randomUUID()}}\\`, snapshot: `${folder}${sep}` };
  }

  /** Removes the folders of all volumes. */
  remove(): void {
    for (const folder of this.#folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  }
}
