import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { completeAnswers, defaultName, packageNameFor } from "../../generator/answers.ts";

const currentFolder = resolve("/srv/projects");
const canonicalGuid = /^\{[\dA-F]{8}(?:-[\dA-F]{4}){3}-[\dA-F]{12}\}$/u;

describe("the package name", () => {
  it.each([
    ["Contoso Ledger", "contoso-ledger"],
    [`O'Brien & <Söhne> "GmbH"`, "obrien-sohne-gmbh"],
    ["Straße Ærø Łódź", "strasse-aero-lodz"],
    ["../x", "x"],
    ["  --Ledger 2.0--  ", "ledger-2-0"],
    ["_private", "private"],
    ["@scope/name", "scope-name"],
    ["ＦＵＬＬ width", "full-width"],
    ["🗄", "my-add-in"],
    ["備份", "my-add-in"],
    ["", "my-add-in"],
    ["...", "my-add-in"],
    ["con", "con-addin"],
    ["NUL", "nul-addin"],
    ["com1", "com1-addin"],
    ["http", "http-addin"],
    ["wsb-addin", "wsb-addin-addin"],
    ["vitest", "vitest-addin"],
    ["node_modules", "node-modules"],
    ["x".repeat(256), "x".repeat(64)],
    [`${"x".repeat(63)} y`, "x".repeat(63)],
  ])("of %j is %s", (name, packageName) => {
    expect(packageNameFor(name)).toBe(packageName);
  });
});

describe("the default name", () => {
  it.each([
    [undefined, "My Add-in"],
    ["ledger", "ledger"],
    ["some/where/Ledger Add-in/", "Ledger Add-in"],
    [String.raw`some\where`, "where"],
    [".", "projects"],
    ["/", "My Add-in"],
  ])("for the folder %j is %s", (folder, name) => {
    expect(defaultName({ folder }, currentFolder)).toBe(name);
  });
});

describe("complete answers", () => {
  it("come from the name alone", () => {
    expect(completeAnswers({ name: "Contoso Ledger" }, currentFolder)).toMatchObject({
      name: "Contoso Ledger",
      folder: join(currentFolder, "contoso-ledger"),
      packageName: "contoso-ledger",
      applicationIdentifier: "Contoso Ledger",
      writerIdIsNew: true,
      services: [],
    });
  });

  it("keep everything that was given, the writer id in its canonical form", () => {
    const given = {
      name: "Contoso Ledger",
      folder: "deep/ledger",
      identifier: "Ledger",
      writerId: "ce4ef7dc-18ce-4a11-b4c9-d7a668637d1b",
      services: ["B", "A"],
    };
    expect(completeAnswers(given, currentFolder)).toMatchObject({
      folder: join(currentFolder, "deep", "ledger"),
      packageName: "contoso-ledger",
      applicationIdentifier: "Ledger",
      writerId: "{CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}",
      writerIdIsNew: false,
      services: ["B", "A"],
    });
  });

  it("have a new identity each time", () => {
    const identities = [completeAnswers({}, currentFolder), completeAnswers({}, currentFolder)];
    const guids = identities.flatMap(({ writerId, clsid, appId }) => [writerId, clsid, appId]);
    expect(new Set(guids).size).toBe(6);
    for (const guid of guids) expect(guid).toMatch(canonicalGuid);
  });
});
