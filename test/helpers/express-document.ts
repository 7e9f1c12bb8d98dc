import { escapeXml } from "../../src/base/xml.ts";
import type { NativeExpressWriter, NativeFileSet } from "../../src/runtime/native/binding.ts";

const methods: Readonly<Record<number, string>> = {
  1: "RESTORE_IF_NONE_THERE",
  2: "RESTORE_IF_CAN_BE_REPLACED",
  3: "STOP_RESTART_SERVICE",
  5: "REPLACE_AT_REBOOT",
  6: "REPLACE_AT_REBOOT_IF_CANNOT_REPLACE",
};

const INSTANCE = "d64f06cb-e5ac-48c2-81a9-0c25ccf8f3bb";

function optional(name: string, text: string | null): string {
  return text === null ? "" : ` ${name}="${escapeXml(text)}"`;
}

function flag(value: boolean): string {
  return value ? "yes" : "no";
}

function place({ path, filespec, recursive }: NativeFileSet): string {
  return `path="${escapeXml(path)}" filespec="${escapeXml(filespec)}" recursive="${flag(recursive)}"`;
}

function id(guid: string): string {
  return guid.slice(1, -1).toLowerCase();
}

/**
 * Returns the document that Windows makes of the calls of an express writer: with the id of an
 * instance, and formatted otherwise than the kit does.
 */
export function documentOf(writer: NativeExpressWriter): string {
  const components = writer.components.map(
    (one) => `
\t\t<FILE_GROUP${optional("logicalPath", one.logicalPath)} componentName="${escapeXml(one.name)}"${optional("caption", one.caption)} restoreMetadata="no" notifyOnBackupComplete="no" selectable="${flag(one.selectable)}" selectableForRestore="${flag(one.selectableForRestore)}" componentFlags="0">${one.files
      .map((files) => `<FILE_LIST ${place(files)} filespecBackupType="3855"/>`)
      .join("")}${one.dependencies
      .map(
        (on) =>
          `<DEPENDENCY writerId="${id(on.writerId)}"${optional("logicalPath", on.logicalPath)} componentName="${escapeXml(on.name)}"/>`,
      )
      .join("")}</FILE_GROUP>`,
  );
  const excluded = writer.exclude.map((files) => `<EXCLUDE_FILES ${place(files)}/>`);
  return `<WRITER_METADATA xmlns="x-schema:#VssWriterMetadataInfo" version="1.2" backupSchema="${writer.backupSchema}">
\t<IDENTIFICATION writerId="${id(writer.writerId)}" instanceId="${INSTANCE}" friendlyName="${escapeXml(writer.name)}" usage="USER_DATA" dataSource="OTHER" majorVersion="0" minorVersion="0"/>
\t<RESTORE_METHOD method="${methods[writer.restoreMethod]}"${optional("service", writer.restoreService)} writerRestore="never" rebootRequired="${flag(writer.rebootRequired)}"/>
\t<BACKUP_LOCATIONS>${components.join("")}${excluded.join("")}</BACKUP_LOCATIONS>
</WRITER_METADATA>`;
}
