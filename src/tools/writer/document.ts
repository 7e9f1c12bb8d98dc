import { escapeXml } from "../../base/xml.ts";
import type { Manifest } from "../../runtime/manifest/manifest.ts";
import type {
  ComponentDependency,
  ComponentFileSet,
  DatabaseFileSet,
  DeclaredComponent,
  DeclaredWriter,
  ServiceComponent,
  ServiceWriter,
  WriterFiles,
} from "../../runtime/manifest/writer.ts";
import {
  ALL_BACKUPS,
  RESTORE_METHODS,
  backupSchemaMask,
} from "../../runtime/writer/vss-constants.ts";

type Value = string | number | boolean | undefined;

function attribute(name: string, value: Value): string {
  if (value === undefined) return "";
  const text = typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
  return ` ${name}="${escapeXml(text)}"`;
}

/** Formats an element; an attribute without a value is left out. */
function element(
  name: string,
  attributes: Readonly<Record<string, Value>>,
  children: readonly string[] = [],
): string {
  const start = `<${name}${Object.entries(attributes)
    .map(([key, value]) => attribute(key, value))
    .join("")}`;
  return children.length === 0 ? `${start}/>` : `${start}>${children.join("")}</${name}>`;
}

/** Formats an id as documents do. */
function plainGuid(guid: string): string {
  return guid.slice(1, -1).toLowerCase();
}

function fileList({ path, filespec, recursive, alternatePath }: ComponentFileSet): string {
  return element("FILE_LIST", {
    path,
    filespec,
    recursive,
    alternatePath,
    filespecBackupType: ALL_BACKUPS,
  });
}

function databaseFiles(name: string): (files: DatabaseFileSet) => string {
  return ({ path, filespec }) => element(name, { path, filespec, filespecBackupType: ALL_BACKUPS });
}

function dependency({ writerId, logicalPath, name }: ComponentDependency): string {
  return element("DEPENDENCY", {
    writerId: plainGuid(writerId),
    logicalPath,
    componentName: name,
  });
}

function excludedFiles({ path, filespec, recursive }: WriterFiles): string {
  return element("EXCLUDE_FILES", { path, filespec, recursive });
}

function databaseParts(one: DeclaredComponent | ServiceComponent): readonly string[] {
  if (!("databaseFiles" in one)) return [];
  return [
    ...one.databaseFiles.map(databaseFiles("DATABASE_FILES")),
    ...one.logFiles.map(databaseFiles("DATABASE_LOGFILES")),
  ];
}

function component(one: DeclaredComponent | ServiceComponent): string {
  const database = databaseParts(one);
  const { logicalPath, name, caption, selectable, selectableForRestore } = one;
  return element(
    database.length > 0 ? "DATABASE" : "FILE_GROUP",
    {
      logicalPath,
      componentName: name,
      caption,
      restoreMetadata: false,
      notifyOnBackupComplete: false,
      selectable,
      selectableForRestore,
      componentFlags: 0,
    },
    [...one.files.map(fileList), ...database, ...one.dependencies.map(dependency)],
  );
}

/**
 * Returns the writer metadata document of a writer of the kit, as Windows formats it: without an XML
 * declaration, and without the id of an instance, which only a running writer has.
 *
 * The writer takes no part in restores (`VSS_WRE_NEVER`): the add-in does.
 *
 * @see https://learn.microsoft.com/windows/win32/vss/overview-of-the-writer-metadata-document
 */
export function writerDocument(
  { writerId, name }: Pick<Manifest, "writerId" | "name">,
  writer: DeclaredWriter | ServiceWriter,
): string {
  const schema = backupSchemaMask(writer.backupSchema);
  return element(
    "WRITER_METADATA",
    {
      xmlns: "x-schema:#VssWriterMetadataInfo",
      version: "1.2",
      backupSchema: schema === 0 ? undefined : schema,
    },
    [
      element("IDENTIFICATION", {
        writerId: plainGuid(writerId),
        friendlyName: name,
        usage: "USER_DATA",
        dataSource: "OTHER",
        majorVersion: 0,
        minorVersion: 0,
      }),
      element("RESTORE_METHOD", {
        method: RESTORE_METHODS[writer.restoreMethod].text,
        service: writer.restoreService,
        writerRestore: "never",
        rebootRequired: writer.restoreMethod === "restoreAtReboot",
      }),
      element("BACKUP_LOCATIONS", {}, [
        ...writer.components.map(component),
        ...writer.exclude.map(excludedFiles),
      ]),
    ],
  );
}
