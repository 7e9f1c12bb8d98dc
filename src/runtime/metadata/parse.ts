import { WsbError, errorText } from "../../base/errors.ts";
import { parseGuid } from "../../base/guid.ts";
import type {
  AlternateLocationMapping,
  ComponentDependency,
  ComponentFiles,
  FileSpec,
  MetadataComponent,
  RestoreMethod,
  WriterIdentification,
  WriterMetadata,
} from "./writer-metadata.ts";
import { readXml, type XmlElement, type XmlLimits } from "./xml.ts";

// The largest known document, the System Writer's, has 2 million characters and 19,000 elements.
const LIMITS: XmlLimits = {
  length: 16 * 1024 * 1024,
  elements: 200_000,
  attributesPerElement: 64,
  depth: 32,
};

const MAX_NUMBER = 0xffff_ffff;

// VSS_FSBT_ALL_BACKUP_REQUIRED | VSS_FSBT_ALL_SNAPSHOT_REQUIRED, the default of
// IVssCreateWriterMetadata::AddFilesToFileGroup.
const ALL_REQUIRED = 0xf0f;

// Bounds a message that quotes the document, where a name may be as long as the document.
const MAX_REASON = 200;

const componentTypes: ReadonlyMap<string, MetadataComponent["type"]> = new Map([
  ["DATABASE", "database"],
  ["FILE_GROUP", "fileGroup"],
]);

function text({ attributes }: XmlElement, name: string): string | null {
  return attributes[name] ?? null;
}

function flag({ attributes }: XmlElement, name: string): boolean {
  return attributes[name] === "yes";
}

function number({ attributes }: XmlElement, name: string, fallback = 0): number {
  const digits = attributes[name] ?? "";
  const value = /^\d{1,10}$/u.test(digits) ? Number(digits) : fallback;
  return value <= MAX_NUMBER ? value : fallback;
}

function guid({ attributes }: XmlElement, name: string): string | null {
  return parseGuid(attributes[name] ?? "") ?? null;
}

function all(parent: XmlElement, ...names: readonly string[]): readonly XmlElement[] {
  return parent.children.filter(({ name }) => names.includes(name));
}

/** Returns the only child with that name; refuses a second one as ambiguous. */
function one(parent: XmlElement, name: string): XmlElement | undefined {
  const [first, second] = all(parent, name);
  if (second !== undefined) throw new Error(`it has ${name} twice`);
  return first;
}

const nothing: XmlElement = { name: "", attributes: {}, children: [] };

function readIdentification(element: XmlElement): WriterIdentification {
  return {
    writerId: guid(element, "writerId"),
    instanceId: guid(element, "instanceId"),
    instanceName: text(element, "instanceName"),
    friendlyName: text(element, "friendlyName"),
    usage: text(element, "usage"),
    dataSource: text(element, "dataSource"),
    majorVersion: number(element, "majorVersion"),
    minorVersion: number(element, "minorVersion"),
  };
}

function readRestoreMethod(element: XmlElement): RestoreMethod {
  return {
    method: text(element, "method"),
    service: text(element, "service"),
    userProcedure: text(element, "userProcedure"),
    writerRestore: text(element, "writerRestore"),
    rebootRequired: flag(element, "rebootRequired"),
    alternateLocationMappings: all(element, "ALTERNATE_LOCATION_MAPPING").map(readMapping),
  };
}

function readFileSpec(element: XmlElement): FileSpec {
  return {
    path: text(element, "path") ?? "",
    filespec: text(element, "filespec") ?? "*",
    recursive: flag(element, "recursive"),
  };
}

function readMapping(element: XmlElement): AlternateLocationMapping {
  return { ...readFileSpec(element), alternatePath: text(element, "alternatePath") };
}

function readFiles(element: XmlElement): ComponentFiles {
  return {
    ...readMapping(element),
    filespecBackupType: number(element, "filespecBackupType", ALL_REQUIRED),
  };
}

function readDependency(element: XmlElement): ComponentDependency {
  return {
    writerId: guid(element, "writerId"),
    logicalPath: text(element, "logicalPath"),
    componentName: text(element, "componentName") ?? "",
  };
}

function readComponents(locations: XmlElement): readonly MetadataComponent[] {
  return locations.children.flatMap((element) => {
    const type = componentTypes.get(element.name);
    if (type === undefined) return [];
    return [
      {
        type,
        componentName: text(element, "componentName") ?? "",
        logicalPath: text(element, "logicalPath"),
        caption: text(element, "caption"),
        restoreMetadata: flag(element, "restoreMetadata"),
        notifyOnBackupComplete: flag(element, "notifyOnBackupComplete"),
        selectable: flag(element, "selectable"),
        selectableForRestore: flag(element, "selectableForRestore"),
        componentFlags: number(element, "componentFlags"),
        files: all(element, "FILE_LIST", "DATABASE_FILES").map(readFiles),
        logFiles: all(element, "DATABASE_LOGFILES").map(readFiles),
        dependencies: all(element, "DEPENDENCY").map(readDependency),
      },
    ];
  });
}

/** Creates the error for the other document that VSS saves, which names no files. */
function otherDocument(): WsbError {
  return new WsbError(
    "ERR_WSB_METADATA",
    "This is a backup components document (BACKUP_COMPONENTS), which tells what a backup program chose. Use the writer's metadata document: beside BCDocument.xml in diskshadow's cabinet, the WM*.xml whose IDENTIFICATION has your writer's id.",
  );
}

function readDocument(document: string): WriterMetadata {
  const root = readXml(document, LIMITS);
  if (root.name === "BACKUP_COMPONENTS") throw otherDocument();
  if (root.name !== "WRITER_METADATA") {
    throw new Error(`its root is ${root.name} instead of WRITER_METADATA`);
  }
  const restoreMethod = one(root, "RESTORE_METHOD");
  const locations = one(root, "BACKUP_LOCATIONS") ?? nothing;
  const components = readComponents(locations);
  return {
    version: text(root, "version"),
    backupSchema: number(root, "backupSchema"),
    identification: readIdentification(one(root, "IDENTIFICATION") ?? nothing),
    restoreMethod: restoreMethod === undefined ? null : readRestoreMethod(restoreMethod),
    components,
    excludedFiles: all(locations, "EXCLUDE_FILES").map(readFileSpec),
    excludedFilesFromSnapshot: all(locations, "EXCLUDE_FILES_FROM_SNAPSHOT").map(readFileSpec),
    findComponent: ({ componentName, logicalPath }) =>
      components.find(
        (component) =>
          component.componentName === componentName &&
          (component.logicalPath ?? "") === (logicalPath ?? ""),
      ),
  };
}

/**
 * Reads a writer metadata document.
 *
 * The document comes from another process. So a document type is refused, only the five entities of
 * XML are expanded, and size and depth are bounded. Unknown elements and attributes are skipped.
 *
 * @param document The document; the encoding in its declaration is ignored.
 * @throws {@link WsbError} `ERR_WSB_METADATA` when it is not a writer metadata document.
 * @see https://learn.microsoft.com/windows/win32/vss/overview-of-the-writer-metadata-document
 */
export function parseWriterMetadata(document: string): WriterMetadata {
  try {
    return readDocument(document);
  } catch (error) {
    if (error instanceof WsbError) throw error;
    const reason = errorText(error).replace(/\.+$/u, "");
    const shown = reason.length > MAX_REASON ? `${reason.slice(0, MAX_REASON)}…` : reason;
    throw new WsbError(
      "ERR_WSB_METADATA",
      `This is not a writer metadata document: ${shown}. diskshadow saves one for each writer in the cabinet of SET METADATA, as WM*.xml; expand.exe takes it out.`,
      { cause: error },
    );
  }
}

/**
 * Returns a request's `metadata` function, which parses the document once, at its first call.
 *
 * The returned function throws {@link WsbError} `ERR_WSB_METADATA` when there is no document or it
 * cannot be parsed.
 */
export function readLater(document: string | null): () => WriterMetadata {
  let metadata: WriterMetadata | undefined;
  return () => {
    if (document === null) {
      throw new WsbError(
        "ERR_WSB_METADATA",
        "The caller passed no writer metadata document. Check request.writerMetadata first.",
      );
    }
    metadata ??= parseWriterMetadata(document);
    return metadata;
  };
}
