import { parseWriterMetadata } from "../../runtime/metadata/parse.ts";
import type { WriterMetadata } from "../../runtime/metadata/writer-metadata.ts";

function parse(document: string): WriterMetadata | undefined {
  try {
    return parseWriterMetadata(document);
  } catch {
    return undefined;
  }
}

/** The contents that a writer decides; Windows adds the id of an instance, and formats as it likes. */
function contentsOf(document: string): string | undefined {
  const parsed = parse(document);
  if (parsed === undefined) return undefined;
  const { identification, restoreMethod, backupSchema, components, excludedFiles } = parsed;
  const { writerId, friendlyName, usage } = identification;
  return JSON.stringify([
    [writerId, friendlyName, usage],
    restoreMethod,
    backupSchema,
    components,
    excludedFiles,
  ]);
}

/** Tells whether two metadata documents say the same about a writer; `null` is no document. */
export function sameDocument(one: string | null, other: string | null): boolean {
  if (one === other) return true;
  if (one === null || other === null) return false;
  const contents = contentsOf(one);
  return contents !== undefined && contents === contentsOf(other);
}

/** Returns the id in a metadata document; `undefined` when it is not one. */
export function writerIdIn(document: string): string | undefined {
  return parse(document)?.identification.writerId ?? undefined;
}
