import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { runTool } from "../../base/child-process.ts";

/** The script and the files for an exe. */
export interface BlobInputs {
  /** The path of a Node.js of the exe's version that runs on this machine. */
  readonly node: string;
  /** The folder with all these files, where the blob is made. */
  readonly folder: string;
  /** The name of a CommonJS script. */
  readonly script: string;
  /** The names of the files that the script can read. */
  readonly assets: readonly string[];
}

const CONFIGURATION = "sea-config.json";
const OUTPUT = "sea.blob";

/**
 * Lets Node.js prepare a script and its assets for an exe. The same input gives the same bytes.
 *
 * @throws {@link WsbError} `ERR_WSB_BUILD` with the output of Node.js.
 */
export async function makeBlob(inputs: BlobInputs, signal?: AbortSignal): Promise<Uint8Array> {
  const { node, folder, script, assets } = inputs;
  const configuration = {
    // The blob contains this path. A full path would differ on every machine.
    main: script,
    output: OUTPUT,
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    // The code cache works only on the same kind of processor.
    useCodeCache: false,
    assets: Object.fromEntries(assets.map((name) => [name, name])),
  };
  writeFileSync(join(folder, CONFIGURATION), JSON.stringify(configuration));
  await runTool({
    program: node,
    args: ["--experimental-sea-config", CONFIGURATION],
    cwd: folder,
    env: { NODE_OPTIONS: undefined },
    errorCode: "ERR_WSB_BUILD",
    nextStep: "Give another node.exe with --node.",
    signal,
  });
  return readFileSync(join(folder, OUTPUT));
}
