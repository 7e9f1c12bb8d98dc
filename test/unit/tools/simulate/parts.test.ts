import { describe, expect, it } from "vitest";

import { parseWriterMetadata } from "../../../../src/runtime/metadata/parse.ts";
import { chooseComponents, componentsOf } from "../../../../src/tools/simulate/parts.ts";

const document = [
  { componentName: "Accounts", logicalPath: "Ledger", files: [], logFiles: [] },
  { componentName: "Accounts", logicalPath: null, files: [], logFiles: [] },
  { componentName: "Archive", logicalPath: "Ledger\\Old", files: [], logFiles: [] },
];

describe("componentsOf", () => {
  it("tell the logs of a database from its files", () => {
    const metadata = parseWriterMetadata(`<WRITER_METADATA><BACKUP_LOCATIONS>
      <DATABASE logicalPath="Ledger" componentName="Books">
        <DATABASE_LOGFILES path="E:\\Log" filespec="*.ldf"/>
        <DATABASE_FILES path="D:\\Data" filespec="*.mdf"/>
      </DATABASE>
    </BACKUP_LOCATIONS></WRITER_METADATA>`);
    expect(componentsOf(metadata)).toMatchObject([
      {
        componentName: "Books",
        logicalPath: "Ledger",
        files: [{ path: "D:\\Data", filespec: "*.mdf" }],
        logFiles: [{ path: "E:\\Log", filespec: "*.ldf" }],
      },
    ]);
  });
});

describe("chooseComponents", () => {
  it("chooses all components of the document when none is named", () => {
    expect(chooseComponents(document, [], "App")).toEqual(document);
  });

  it("chooses the named components, in the order of the names", () => {
    const chosen = chooseComponents(document, ["Ledger\\Old\\Archive", "Accounts"], "App");
    expect(chosen).toEqual([document[2], document[1]]);
  });

  it.each(["Archive", "ledger\\accounts", "Ledger\\", ""])(
    "refuses %j, which the document does not have",
    (name) => {
      expect(() => chooseComponents(document, ["Accounts", name], "App")).toThrow(
        expect.objectContaining({ code: "ERR_WSB_INVALID_ARGUMENT" }),
      );
    },
  );

  it.each([
    [[], [{ componentName: "App", logicalPath: null, files: [], logFiles: [] }]],
    [["a"], [{ componentName: "a", logicalPath: null, files: [], logFiles: [] }]],
    [["a\\b\\c"], [{ componentName: "c", logicalPath: "a\\b", files: [], logFiles: [] }]],
    [["\\c"], [{ componentName: "c", logicalPath: "", files: [], logFiles: [] }]],
  ])("makes components from %j without a document", (names, components) => {
    expect(chooseComponents(undefined, names, "App")).toEqual(components);
  });

  it("chooses nothing from a document without components", () => {
    expect(chooseComponents([], [], "App")).toEqual([]);
  });
});
