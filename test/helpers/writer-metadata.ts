import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * Folder with real writer metadata documents, `WM0.xml` and so on: the one that
 * `WSB_ADDIN_WRITER_METADATA` names, or one beside the repository; `undefined` where there is none.
 */
export function writerMetadataFolder(): string | undefined {
  const beside = fileURLToPath(new URL("../../../shared/data/writer-metadata", import.meta.url));
  const folder = process.env["WSB_ADDIN_WRITER_METADATA"] ?? beside;
  return existsSync(folder) ? folder : undefined;
}
