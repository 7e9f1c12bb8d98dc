import type { Manifest } from "../../runtime/manifest/manifest.ts";
import type { DeclaredComponent, DeclaredWriter } from "../../runtime/manifest/writer.ts";
import type { NativeExpressWriter, NativeFileGroup } from "../../runtime/native/binding.ts";
import { writerDocument } from "./document.ts";
import { RESTORE_METHODS, backupSchemaMask } from "../../runtime/writer/vss-constants.ts";

/** A declared writer as a registration needs it: what the calls say, and the document they make. */
export interface DeclaredPlan {
  readonly express: NativeExpressWriter;
  readonly document: string;
}

function fileGroup(component: DeclaredComponent): NativeFileGroup {
  const { name, selectable, selectableForRestore, files } = component;
  return {
    logicalPath: component.logicalPath ?? null,
    name,
    caption: component.caption ?? null,
    selectable,
    selectableForRestore,
    files,
    dependencies: component.dependencies.map((one) => ({
      ...one,
      logicalPath: one.logicalPath ?? null,
    })),
  };
}

function expressWriter({ writerId, name }: Manifest, writer: DeclaredWriter): NativeExpressWriter {
  const { restoreMethod } = writer;
  return {
    writerId,
    name,
    restoreMethod: RESTORE_METHODS[restoreMethod].value,
    restoreService: writer.restoreService ?? null,
    rebootRequired: restoreMethod === "restoreAtReboot",
    backupSchema: backupSchemaMask(writer.backupSchema),
    components: writer.components.map(fileGroup),
    exclude: writer.exclude,
  };
}

/** Returns the declared writer of a manifest; `null` when another kind brings the writer. */
export function planDeclared(manifest: Manifest): DeclaredPlan | null {
  const { writer } = manifest;
  if (writer.kind !== "declared") return null;
  return {
    express: expressWriter(manifest, writer),
    document: writerDocument(manifest, writer),
  };
}
