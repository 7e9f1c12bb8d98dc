import { SaxesParser, type SaxesTagPlain } from "saxes";

import { WsbError, errorText } from "../errors.ts";

/** Files of a component: a folder, a pattern in it, and whether its subfolders count. */
export interface FileSpec {
  /** Folder as the writer gave it, environment variables included. */
  readonly path: string;
  /** File name or pattern, for example `*.dat`. */
  readonly filespec: string;
  readonly recursive: boolean;
}

/** A component of a writer metadata document. */
export interface MetadataComponent {
  readonly componentName: string;
  /** `null` where the document has none. */
  readonly logicalPath: string | null;
  readonly files: readonly FileSpec[];
}

// Both kinds of component, and every element that names files of one.
const componentTags = new Set(["FILE_GROUP", "DATABASE"]);
const fileTags = new Set(["FILE_LIST", "DATABASE_FILES", "DATABASE_LOGFILES"]);

function attribute({ attributes }: SaxesTagPlain, name: string): string | null {
  return attributes[name] ?? null;
}

/**
 * Reads the components of a writer metadata document.
 *
 * The document is data from another process: entities of its own are refused, not expanded.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` when it is not a writer metadata document.
 * @see https://learn.microsoft.com/windows/win32/vss/overview-of-the-writer-metadata-document
 */
export function readComponents(document: string): readonly MetadataComponent[] {
  const components: (MetadataComponent & { files: FileSpec[] })[] = [];
  const path: string[] = [];
  const parser = new SaxesParser();
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", (tag) => {
    path.push(tag.name);
    const parent = path.at(-2);
    if (componentTags.has(tag.name) && parent === "BACKUP_LOCATIONS") {
      components.push({
        componentName: attribute(tag, "componentName") ?? "",
        logicalPath: attribute(tag, "logicalPath"),
        files: [],
      });
    } else if (fileTags.has(tag.name) && parent !== undefined && componentTags.has(parent)) {
      components.at(-1)?.files.push({
        path: attribute(tag, "path") ?? "",
        filespec: attribute(tag, "filespec") ?? "*",
        recursive: attribute(tag, "recursive") === "yes",
      });
    }
    if (path.length === 1 && tag.name !== "WRITER_METADATA") {
      throw new Error(`its root is ${tag.name}, not WRITER_METADATA`);
    }
  });
  parser.on("closetag", () => path.pop());
  try {
    parser.write(document).close();
  } catch (error) {
    throw new WsbError(
      "ERR_WSB_INVALID_ARGUMENT",
      `This is not a writer metadata document: ${errorText(error).replace(/\.+$/u, "")}. Save one with diskshadow or vshadow on a server that has the writer.`,
      { cause: error },
    );
  }
  return components;
}

/** Decodes the bytes of a saved document: UTF-16 by its byte order mark, else UTF-8. */
export function decodeDocument(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe
      ? "utf-16le"
      : first === 0xfe && second === 0xff
        ? "utf-16be"
        : "utf-8";
  return new TextDecoder(encoding).decode(bytes);
}
