import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { decodeDocument } from "../../src/runtime/metadata/decode.ts";

/** A writer metadata document of a VSS writer. */
export interface WriterDocument {
  readonly name: string;
  readonly text: string;
}

const ownFolder = fileURLToPath(new URL("../fixtures/writer-metadata", import.meta.url));

function documentsIn(folder: string): readonly WriterDocument[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".xml"))
    .map((name) => ({ name, text: decodeDocument(readFileSync(join(folder, name))) }));
}

/** Returns a component with as many files as Windows' own System Writer: 2 MB. */
function largeDocument(): WriterDocument {
  const files = Array.from(
    { length: 19_000 },
    (_, index) =>
      `<FILE_LIST path="c:\\windows\\contoso\\component store\\part ${index % 90}" filespec="module-${index}.dll" filespecBackupType="3855"/>`,
  );
  const text = `<WRITER_METADATA xmlns="x-schema:#VssWriterMetadataInfo" version="1.2"><IDENTIFICATION writerId="94c1f7e0-b25d-4a68-8d39-0e6a71f5c3b2" instanceId="3a5e80d9-617c-4fb4-92e0-c8d41b7f05e6" friendlyName="Contoso System Writer" usage="BOOTABLE_SYSTEM_STATE" dataSource="OTHER" majorVersion="0" minorVersion="0"/><RESTORE_METHOD method="REPLACE_AT_REBOOT_IF_CANNOT_REPLACE" writerRestore="never" rebootRequired="yes"/><BACKUP_LOCATIONS><FILE_GROUP componentName="System Files" caption="System Files" restoreMetadata="no" notifyOnBackupComplete="no" selectable="yes" selectableForRestore="no" componentFlags="0">${files.join("")}</FILE_GROUP></BACKUP_LOCATIONS></WRITER_METADATA>`;
  return { name: "19,000 files", text };
}

/**
 * Returns documents in the shapes of a Windows Server's writers, and the documents in the folder of
 * `WSB_ADDIN_WRITER_METADATA`, for example from diskshadow on your own server.
 */
export function writerDocuments(): readonly WriterDocument[] {
  const folder = process.env["WSB_ADDIN_WRITER_METADATA"];
  const given = folder === undefined ? [] : documentsIn(folder);
  return [...documentsIn(ownFolder), largeDocument(), ...given];
}
