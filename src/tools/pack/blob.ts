import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { runTool } from "../../base/child-process.ts";

/** What Node.js is to run from an exe. */
export interface BlobInputs {
  /** Node.js of the exe's version, for this machine. */
  readonly node: string;
  /** Folder that holds everything named here, and where the blob is made. */
  readonly folder: string;
  /** A CommonJS script. */
  readonly script: string;
  /** Names of the files that the script can read. */
  readonly assets: readonly string[];
}

const CONFIGURATION = "sea-config.json";
const OUTPUT = "sea.blob";

/**
 * Has Node.js prepare a script and its assets for an exe. The same input gives the same bytes.
 *
 * @throws {@link WsbError} `ERR_WSB_BUILD` with what Node.js says.
 */
export async function makeBlob(inputs: BlobInputs, signal?: AbortSignal): Promise<Uint8Array> {
  const { node, folder, script, assets } = inputs;
  const configuration = {
    // The blob holds this path: a full one would be another on every machine.
    main: script,
    output: OUTPUT,
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    // Code for this machine's processor would not be used on another.
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
    nextStep: "Name another node.exe with --node.",
    signal,
  });
  return readFileSync(join(folder, OUTPUT));
}
