import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { folderRule } from "../../src/runtime/manifest/writer-rules.ts";
import { completeAnswers, defaultName, packageNameFor } from "../../generator/answers.ts";

const currentFolder = resolve("/srv/projects");
const surroundings = { currentFolder };
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
    expect(completeAnswers({ name: "Contoso Ledger" }, surroundings)).toMatchObject({
      name: "Contoso Ledger",
      folder: join(currentFolder, "contoso-ledger"),
      packageName: "contoso-ledger",
      applicationIdentifier: "Contoso Ledger",
      writer: "external",
      writerIdIsNew: true,
      kind: "add-in",
      handlers: [
        "isRollForwardSupported",
        "orderComponents",
        "preRestore",
        "postRestore",
        "checkConsistency",
      ],
      services: [],
      dotnet: [],
      shim: "prebuilt",
      ci: "github",
      packageManager: "npm",
      install: false,
      git: false,
    });
  });

  it("keep everything that was given, the writer id in its canonical form", () => {
    const given = {
      name: "Contoso Ledger",
      folder: "deep/ledger",
      identifier: "Ledger",
      writerId: "ce4ef7dc-18ce-4a11-b4c9-d7a668637d1b",
      clsid: "0f8fad5b-d9cb-469f-a165-70867728950e",
      kind: "ADD-IN",
      handlers: ["postRestore", "prerestore", "postRestore"],
      services: ["B", "A"],
      dotnet: ["PostRestore"],
      shim: "SOURCE",
      ci: "none",
      packageManager: "Bun",
    };
    expect(completeAnswers(given, surroundings)).toMatchObject({
      folder: join(currentFolder, "deep", "ledger"),
      packageName: "contoso-ledger",
      applicationIdentifier: "Ledger",
      writerId: "{CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}",
      writerIdIsNew: false,
      clsid: "{0F8FAD5B-D9CB-469F-A165-70867728950E}",
      kind: "add-in",
      handlers: ["preRestore", "postRestore"],
      services: ["B", "A"],
      dotnet: ["postRestore"],
      shim: "source",
      ci: "none",
      packageManager: "bun",
    });
  });

  it("write every chosen handler in C#", () => {
    const given = { handlers: ["preRestore", "orderComponents"], dotnet: ["all"] };
    expect(completeAnswers(given, surroundings).dotnet).toEqual(["orderComponents", "preRestore"]);
    expect(completeAnswers({ dotnet: ["none"] }, surroundings).dotnet).toEqual([]);
  });

  it("write in C# only what Windows Server Backup calls", () => {
    const { handlers, dotnet } = completeAnswers(
      { handlers: ["all"], dotnet: ["all"] },
      surroundings,
    );
    expect(handlers).toContain("beforeServicesStop");
    expect(dotnet).toEqual(completeAnswers({}, surroundings).handlers);
  });

  it("have a new identity each time", () => {
    const identities = [completeAnswers({}, surroundings), completeAnswers({}, surroundings)];
    const guids = identities.flatMap(({ writerId, clsid, appId, snapinId }) => [
      writerId,
      clsid,
      appId,
      snapinId,
    ]);
    expect(new Set(guids).size).toBe(8);
    for (const guid of guids) expect(guid).toMatch(canonicalGuid);
  });
});

describe("the writer", () => {
  it("is the application's unless an answer says otherwise, in any case", () => {
    expect(completeAnswers({}, surroundings).writer).toBe("external");
    expect(completeAnswers({ writer: "SERVICE" }, surroundings).writer).toBe("service");
  });

  it.each([
    ["Contoso Ledger", String.raw`%ProgramData%\Contoso Ledger`],
    [`O'Brien & <Söhne> "GmbH"`, String.raw`%ProgramData%\O'Brien & Söhne GmbH`],
    ["100% sure", String.raw`%ProgramData%\100 sure`],
    ["Größe 備份 🗄.", String.raw`%ProgramData%\Größe 備份 🗄`],
    ["../x", String.raw`%ProgramData%\.. x`],
    ["con", String.raw`%ProgramData%\con-addin`],
    ["...", String.raw`%ProgramData%\my-add-in`],
    ["x".repeat(256), `%ProgramData%\\${"x".repeat(64)}`],
  ])("of %j has its files in %s, which a manifest may contain", (name, folder) => {
    const answers = completeAnswers({ name }, surroundings);
    expect(answers.filesFolder).toBe(folder);
    expect(folderRule(folder)).toBeUndefined();
  });

  it("has its files where an answer says", () => {
    const files = String.raw`D:\Ledger`;
    expect(completeAnswers({ files }, surroundings).filesFolder).toBe(files);
  });
});

describe("the package manager", () => {
  it.each([
    ["npm/11.19.1 node/v22.18.0 linux x64 workspaces/false", "npm", "11.19.1"],
    ["pnpm/9.15.0 npm/? node/v20.19.0 linux x64", "pnpm", "9.15.0"],
    ["yarn/1.22.22 npm/? node/v20.19.0 win32 x64", "yarn", "1.22.22"],
    ["bun/1.2.0 npm/? node/v22.6.0 linux x64", "bun", "1.2.0"],
    ["cnpm/1.0.0 npm/? node/v20.19.0", "npm", undefined],
    [undefined, "npm", undefined],
  ])("that calls itself %j is %s", (userAgent, name, version) => {
    const { packageManager, packageManagerVersion } = completeAnswers(
      {},
      { currentFolder, userAgent },
    );
    expect({ packageManager, packageManagerVersion }).toEqual({
      packageManager: name,
      packageManagerVersion: version,
    });
  });

  it("has no version when it does not run the generator", () => {
    const userAgent = "npm/11.19.1 node/v22.18.0";
    const answers = completeAnswers({ packageManager: "yarn" }, { currentFolder, userAgent });
    expect(answers.packageManagerVersion).toBeUndefined();
  });
});
