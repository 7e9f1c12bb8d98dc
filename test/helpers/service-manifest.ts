import { parseManifest } from "../../src/runtime/manifest/parse.ts";
import {
  requireServiceWriter,
  type WriterManifest,
} from "../../src/runtime/writer/writer-parts.ts";
import { minimalFields } from "./manifest.ts";

/**
 * Returns the manifest of an application whose writer is a service, in its parsed form.
 *
 * @param fields Fields of the manifest's file, besides the writer.
 * @param writer Fields of the writer.
 */
export function serviceManifest(fields: object = {}, writer: object = {}): WriterManifest {
  const file = {
    ...minimalFields,
    ...fields,
    writer: {
      kind: "service",
      components: [{ name: "Ledger", files: [{ path: "C:\\L", filespec: "*", recursive: false }] }],
      ...writer,
    },
  };
  return requireServiceWriter(parseManifest(JSON.stringify(file), "wsb-addin.json"), "it");
}
