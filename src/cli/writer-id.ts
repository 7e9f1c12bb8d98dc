import { WsbError } from "../errors.ts";
import { parseGuid } from "../guid.ts";
import { loadManifest } from "../manifest/load.ts";
import { manifestPath } from "./installation.ts";

/** Options of commands that need no more of a registration than its writer. */
export interface WriterOptions {
  readonly manifest: string;
  readonly writerId?: string;
}

/** The writer id from the command line, or else from the manifest. */
export function writerIdOf({ manifest, writerId }: WriterOptions): string {
  if (writerId === undefined) return loadManifest(manifestPath(manifest)).writerId;
  const guid = parseGuid(writerId);
  if (guid !== undefined) return guid;
  throw new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    `--writer-id ${JSON.stringify(writerId)} is not a GUID. Give one such as {CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}.`,
  );
}
