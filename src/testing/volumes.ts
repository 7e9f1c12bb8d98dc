import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { dirname, join, sep } from "node:path";

import type { VolumePair } from "../runtime/addin/define-addin.ts";

/** Files of a volume: their paths below it, with forward slashes, and what is in them. */
export type VolumeFiles = Readonly<Record<string, string | Uint8Array>>;

/** Volumes of a backup, each with a folder in the place of its shadow copy. */
export class TestVolumes {
  readonly #folders: string[] = [];

  /** Makes a volume whose shadow copy has these files. */
  add(files: VolumeFiles): VolumePair {
    const folder = mkdtempSync(join(tmpdir(), "wsb-addin-volume-"));
    this.#folders.push(folder);
    for (const [path, content] of Object.entries(files)) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
    // The live volume is not there: a check that reads it fails, as it should.
    return { source: `\\\\?\\Volume{${randomUUID()}}\\`, snapshot: `${folder}${sep}` };
  }

  /** Removes the folders of all volumes. */
  remove(): void {
    for (const folder of this.#folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  }
}
