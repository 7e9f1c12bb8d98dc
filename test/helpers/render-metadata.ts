import type {
  FileSpec,
  MetadataComponent,
  WriterMetadata,
} from "../../src/runtime/metadata/writer-metadata.ts";

type Attributes = Readonly<Record<string, string | number | boolean | null>>;

/** Escapes the text of an attribute, so that a parser returns it unchanged. */
function escape(text: string): string {
  return text.replaceAll(
    // oxlint-disable-next-line no-control-regex -- XML 1.1 has them, as references alone
    /[\u0000-\u001f\u007f-\u009f\u2028"&'<>]/gu,
    (character) => `&#${character.codePointAt(0) ?? 0};`,
  );
}

function element(name: string, attributes: Attributes, children: readonly string[] = []): string {
  const parts = Object.entries(attributes).flatMap(([attribute, value]) => {
    if (value === null) return [];
    const text = typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
    return [` ${attribute}="${escape(text)}"`];
  });
  return `<${name}${parts.join("")}>${children.join("")}</${name}>`;
}

function list(name: string, specs: readonly FileSpec[]): readonly string[] {
  return specs.map((spec) => element(name, { ...spec }));
}

function component(one: MetadataComponent): string {
  const { type, files: data, logFiles, dependencies, ...attributes } = one;
  const isDatabase = type === "database";
  return element(isDatabase ? "DATABASE" : "FILE_GROUP", attributes, [
    ...list(isDatabase ? "DATABASE_FILES" : "FILE_LIST", data),
    ...list("DATABASE_LOGFILES", logFiles),
    ...dependencies.map((dependency) => element("DEPENDENCY", { ...dependency })),
  ]);
}

/** Writes a document with the contents of a view. */
export function renderMetadata(metadata: WriterMetadata): string {
  const { version, backupSchema, identification, restoreMethod, components } = metadata;
  const children = [element("IDENTIFICATION", { ...identification })];
  if (restoreMethod !== null) {
    const { alternateLocationMappings, ...attributes } = restoreMethod;
    const mappings = list("ALTERNATE_LOCATION_MAPPING", alternateLocationMappings);
    children.push(element("RESTORE_METHOD", attributes, mappings));
  }
  children.push(
    element("BACKUP_LOCATIONS", {}, [
      ...components.map(component),
      ...list("EXCLUDE_FILES", metadata.excludedFiles),
      ...list("EXCLUDE_FILES_FROM_SNAPSHOT", metadata.excludedFilesFromSnapshot),
    ]),
  );
  // XML 1.0 does not allow control characters.
  return `<?xml version="1.1"?>${element("WRITER_METADATA", { version, backupSchema }, children)}`;
}

/** Returns a view without its functions, for comparison. */
export function plainMetadata(metadata: WriterMetadata): Omit<WriterMetadata, "findComponent"> {
  const { findComponent: _, ...plain } = metadata;
  return plain;
}
