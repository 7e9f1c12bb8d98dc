import { expect, it } from "vitest";

import { parseManifest } from "../../../../src/runtime/manifest/parse.ts";
import { nativePlan } from "../../../../src/runtime/writer/plan.ts";
import { requireServiceWriter } from "../../../../src/runtime/writer/writer-parts.ts";
import { minimalFields } from "../../../helpers/manifest.ts";

const OTHER = "{11111111-1111-1111-1111-111111111111}";

function planOf(writer: object): ReturnType<typeof nativePlan> {
  const text = JSON.stringify({ ...minimalFields, writer: { kind: "service", ...writer } });
  return nativePlan(requireServiceWriter(parseManifest(text, "wsb-addin.json"), "it").writer);
}

it("has VSS's numbers, and null for what is absent", () => {
  const files = [{ path: "C:\\Ledger", filespec: "*.dat", recursive: true }];
  expect(planOf({ components: [{ name: "Ledger", files }] })).toEqual({
    components: [
      {
        name: "Ledger",
        logicalPath: null,
        caption: null,
        selectable: true,
        selectableForRestore: true,
        files: [{ path: "C:\\Ledger", filespec: "*.dat", recursive: true, alternatePath: null }],
        databaseFiles: [],
        logFiles: [],
        dependencies: [],
      },
    ],
    exclude: [],
    restoreMethod: 2,
    restoreService: null,
    backupSchema: 0x10,
  });
});

it("has everything that a manifest can say", () => {
  const plan = planOf({
    components: [
      {
        name: "Ledger",
        logicalPath: "Contoso",
        caption: "The ledger",
        selectable: false,
        databaseFiles: [{ path: "C:\\Ledger", filespec: "*.db" }],
        logFiles: [{ path: "C:\\Ledger", filespec: "*.log" }],
        dependencies: [{ writerId: OTHER, logicalPath: "A", name: "B" }],
      },
      {
        name: "Archive",
        files: [{ path: "C:\\A", filespec: "*", recursive: true, alternatePath: "C:\\B" }],
      },
    ],
    exclude: [{ path: "C:\\Ledger", filespec: "*.tmp", recursive: false }],
    restoreMethod: "stopRestoreStart",
    restoreService: "Ledger",
    backupSchema: ["incremental", "differential", "log"],
  });
  expect(plan).toMatchObject({
    restoreMethod: 3,
    restoreService: "Ledger",
    backupSchema: 0xb,
  });
  expect(plan.components[0]).toMatchObject({
    logicalPath: "Contoso",
    caption: "The ledger",
    selectable: false,
    databaseFiles: [
      { path: "C:\\Ledger", filespec: "*.db", recursive: false, alternatePath: null },
    ],
    dependencies: [{ writerId: OTHER, logicalPath: "A", name: "B" }],
  });
  expect(plan.components[1]?.files).toMatchObject([{ alternatePath: "C:\\B" }]);
  expect(plan.exclude).toHaveLength(1);
});
