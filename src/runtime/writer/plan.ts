import type {
  ComponentFileSet,
  DatabaseFileSet,
  ServiceComponent,
  ServiceWriter,
  WriterFiles,
} from "../manifest/writer.ts";
import type {
  NativeFileSet,
  NativeWriterComponent,
  NativeWriterPlan,
} from "../native/vss-writer.ts";
import { RESTORE_METHODS, backupSchemaMask } from "./vss-constants.ts";

/** Returns what the shim reports of a manifest's writer. */
export function nativePlan(writer: ServiceWriter): NativeWriterPlan {
  return {
    components: writer.components.map(nativeComponent),
    exclude: writer.exclude.map(nativeFiles),
    restoreMethod: RESTORE_METHODS[writer.restoreMethod].value,
    restoreService: writer.restoreService ?? null,
    backupSchema: backupSchemaMask(writer.backupSchema),
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
