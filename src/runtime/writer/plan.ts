import type {
  BackupSchemaName,
  ComponentFileSet,
  DatabaseFileSet,
  RestoreMethodName,
  ServiceComponent,
  ServiceWriter,
  WriterFiles,
} from "../manifest/writer.ts";
import type {
  NativeFileSet,
  NativeWriterComponent,
  NativeWriterPlan,
} from "../native/vss-writer.ts";

// VSS_RESTOREMETHOD_ENUM, vswriter.h
const RESTORE_METHODS: Readonly<Record<RestoreMethodName, number>> = {
  restoreIfNotThere: 1,
  restoreIfCanReplace: 2,
  stopRestoreStart: 3,
  restoreAtReboot: 5,
  restoreAtRebootIfCannotReplace: 6,
};

// VSS_BACKUP_SCHEMA, vss.h
const BACKUP_SCHEMAS: Readonly<Record<BackupSchemaName, number>> = {
  differential: 0x1,
  incremental: 0x2,
  log: 0x8,
  copy: 0x10,
};

/** Returns what the shim reports of a manifest's writer. */
export function nativePlan(writer: ServiceWriter): NativeWriterPlan {
  return {
    components: writer.components.map(nativeComponent),
    exclude: writer.exclude.map(nativeFiles),
    restoreMethod: RESTORE_METHODS[writer.restoreMethod],
    restoreService: writer.restoreService ?? null,
    backupSchema: writer.backupSchema.reduce((sum, name) => sum | BACKUP_SCHEMAS[name], 0),
  };
}

function nativeComponent(component: ServiceComponent): NativeWriterComponent {
  const { name, logicalPath, caption, selectable, selectableForRestore } = component;
  return {
    name,
    logicalPath: logicalPath ?? null,
    caption: caption ?? null,
    selectable,
    selectableForRestore,
    files: component.files.map(nativeFiles),
    databaseFiles: component.databaseFiles.map(nativeDatabaseFiles),
    logFiles: component.logFiles.map(nativeDatabaseFiles),
    dependencies: component.dependencies.map((one) => ({
      writerId: one.writerId,
      logicalPath: one.logicalPath ?? null,
      name: one.name,
    })),
  };
}

function nativeFiles(files: WriterFiles & Pick<ComponentFileSet, "alternatePath">): NativeFileSet {
  const { path, filespec, recursive, alternatePath } = files;
  return { path, filespec, recursive, alternatePath: alternatePath ?? null };
}

function nativeDatabaseFiles({ path, filespec }: DatabaseFileSet): NativeFileSet {
  return { path, filespec, recursive: false, alternatePath: null };
}
