import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { labFolder } from "../../src/tools/lab/folder.ts";
import { packAddin } from "../../src/tools/pack/pack.ts";
import { describe, type Result } from "../result.ts";
import { MANIFEST_FILE } from "../../src/runtime/manifest/manifest.ts";
import type { Context, Measure } from "./measure.ts";

const KIB = 1024;
const execute = promisify(execFile);

function size(name: string, bytes: number): Result {
  return describe({ name, unit: "KiB", factor: 1 / KIB }, [bytes]);
}

/** Returns the packed and unpacked size of a package in bytes. */
async function packageSizes(folder: string): Promise<{ size: number; unpackedSize: number }> {
  const { stdout } = await execute("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: folder,
    maxBuffer: KIB * KIB * 16,
  });
  const [packed]: { size: number; unpackedSize: number }[] = JSON.parse(stdout);
  if (packed === undefined) throw new Error(`npm packs nothing in ${folder}`);
  return packed;
}

async function exeSize({ root, bed }: Context): Promise<Result> {
  const [artifact] = await packAddin({
    manifestFile: join(bed.ours.folder, MANIFEST_FILE),
    entry: join(root, "bench", "addin.ts"),
    outFolder: join(bed.ours.folder, "packed"),
    formats: ["exe"],
    payload: "folder",
    node: undefined,
    downloadFolder: labFolder(),
    icon: undefined,
    product: { version: undefined, publisher: undefined, upgradeCode: undefined },
    sign: undefined,
    signal: new AbortController().signal,
  });
  if (artifact === undefined) throw new Error("nothing was packed");
  return size("One exe, Node.js included", statSync(artifact.path).size);
}

/** Measures the sizes of the published files. */
export const sizes: Measure = {
  name: "sizes",
  peer: "nothing",
  async run(context) {
    const { root, bed, isQuick } = context;
    const kit = await packageSizes(root);
    const generator = await packageSizes(join(root, "generator"));
    return [
      size("Shim", statSync(join(root, "prebuilds", "win32-x64", "wsb-addin.node")).size),
      size("server.js: handlers and runtime", statSync(bed.ours.serverScript).size),
      size("Package wsb-addin, packed", kit.size),
      size("Package wsb-addin, unpacked", kit.unpackedSize),
      size("Package create-wsb-addin, packed", generator.size),
      size("Package create-wsb-addin, unpacked", generator.unpackedSize),
      ...(isQuick ? [] : [await exeSize(context)]),
    ];
  },
};
