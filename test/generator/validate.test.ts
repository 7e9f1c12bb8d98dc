import { describe, expect, it } from "vitest";
import {
  checkAnswers,
  checkFolder,
  checkServices,
  checkWriterId,
  isReservedOnWindows,
} from "../../generator/validate.ts";

describe("names and identifiers", () => {
  it.each([
    ["one character", "x"],
    ["256 characters", "x".repeat(256)],
    ["128 emoji, which are 256 UTF-16 units", "🗄".repeat(128)],
    ["markup", `O'Brien & <Söhne> "GmbH"`],
    ["a device name", "con"],
    ["a joined emoji", "👩‍💻"],
  ])("may be %s", (_what, text) => {
    expect(checkAnswers({ name: text, identifier: text })).toEqual([]);
  });

  it.each([
    ["nothing", ""],
    ["257 characters", "x".repeat(257)],
    ["129 emoji", "🗄".repeat(129)],
    ["two lines", "a\nb"],
    ["text with a NUL", "a\0b"],
    ["text with DEL", "a\u007fb"],
    ["text with a C1 control", "a\u0085b"],
    ["text with a leading blank", " a"],
    ["text with a trailing no-break space", "a\u00a0"],
  ])("may not be %s", (_what, text) => {
    const flags = checkAnswers({ name: text, identifier: text }).map(({ flag }) => flag);
    expect(flags).toEqual(["--name", "--identifier"]);
  });
});

describe("writer ids", () => {
  it.each([
    "{CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}",
    "{ce4ef7dc-18ce-4a11-b4c9-d7a668637d1b}",
    "ce4ef7dc-18ce-4A11-b4c9-d7a668637d1b",
  ])("takes %s", (text) => {
    expect(checkWriterId(text)).toBeUndefined();
  });

  it.each([
    "",
    "{CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B",
    "CE4EF7DC18CE4A11B4C9D7A668637D1B",
    "{GE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}",
    " {CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}",
    "{00000000-0000-0000-0000-000000000000}",
  ])("refuses %j", (text) => {
    expect(checkWriterId(text)).toContain("must be a GUID");
  });
});

describe("services", () => {
  it.each([
    ["none", []],
    ["two", ["ContosoLedger", "MSSQL$CONTOSO"]],
    ["256 characters", ["s".repeat(256)]],
    ["a blank inside", ["Contoso Ledger"]],
  ])("takes %s", (_what, names) => {
    expect(checkServices(names)).toBeUndefined();
  });

  it.each([
    ["an empty name", [""]],
    ["257 characters", ["s".repeat(257)]],
    ["a slash", ["a/b"]],
    ["a backslash", ["a\\b"]],
    ["a control character", ["a\u001bb"]],
    ["the same name in another case", ["Ledger", "other", "LEDGER"]],
  ])("refuses %s", (_what, names) => {
    expect(checkServices(names)).toMatch(/^must /u);
  });
});

describe("folders", () => {
  it.each([
    "ledger",
    ".",
    "..",
    "../x",
    "./a/b/",
    "/srv/add ins/Größe",
    String.raw`C:\Users\me\ledger`,
    String.raw`\\server\share\ledger`,
    "console",
    "x.con",
  ])("takes %s", (folder) => {
    expect(checkFolder(folder)).toBeUndefined();
  });

  it.each([
    "",
    "con",
    "NUL",
    "com1",
    "LPT9",
    "con.txt",
    "nul .x",
    "aux/ledger",
    String.raw`a\prn`,
    "node_modules",
    String.raw`a\Node_Modules\b`,
    "a?b",
    "a:b",
    "a<b",
    "ends with a stop.",
    "ends with a blank ",
    "a\nb",
    "x".repeat(256),
  ])("refuses %j", (folder) => {
    expect(checkFolder(folder)).toMatch(/^must /u);
  });

  it("are shown without control characters", () => {
    expect(checkFolder("a\u001b[2Jb")).toContain(String.raw`a\u001b[2Jb`);
  });

  it.each([
    ["con", true],
    ["CON", true],
    ["lpt¹", true],
    ["CONIN$", true],
    ["nul.tar.gz", true],
    ["com", false],
    ["com10", false],
    ["icon", false],
  ])("knows whether %s is a device on Windows: %s", (name, reserved) => {
    expect(isReservedOnWindows(name)).toBe(reserved);
  });
});

describe("choices", () => {
  it.each([
    [{ kind: "cload" }, "--kind", "add-in, application, cloud"],
    [{ writer: "express" }, "--writer", "external, declared, service"],
    [{ ci: "jenkins" }, "--ci", "github, azure, none"],
    [{ shim: "src" }, "--shim", "prebuilt, source"],
    [
      { dotnet: ["preRestroe"] },
      "--dotnet",
      "isRollForwardSupported, orderComponents, preRestore, postRestore, checkConsistency, all, none",
    ],
    [{ packageManager: "cnpm" }, "--package-manager", "npm, pnpm, yarn, bun"],
    [
      { handlers: ["preRestore", "preRestroe"] },
      "--handler",
      "isRollForwardSupported, orderComponents, beforeServicesStop, preRestore, postRestore, afterServicesStart, restoreAbandoned, checkConsistency, all, none",
    ],
  ])("that do not exist, as in %j, are refused with the valid ones", (given, flag, values) => {
    const [problem, ...others] = checkAnswers(given);
    expect(others).toEqual([]);
    expect(problem?.flag).toBe(flag);
    expect(problem?.complaint).toContain(`must be one of ${values};`);
  });

  it("are not case-sensitive", () => {
    const given = { kind: "Cloud", ci: "GITHUB", packageManager: "PNPM" };
    expect(checkAnswers(given)).toEqual([]);
    expect(checkAnswers({ handlers: ["prerestore"], shim: "SOURCE" })).toEqual([]);
    expect(checkAnswers({ handlers: ["ALL"], dotnet: ["All"] })).toEqual([]);
  });

  it.each([
    [{ kind: "application", services: ["A"] }, "--service"],
    [{ kind: "application", handlers: ["all"] }, "--handler"],
    [{ kind: "application", clsid: "{CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}" }, "--clsid"],
    [{ kind: "cloud", writerId: "{CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}" }, "--writer-id"],
    [{ kind: "cloud", identifier: "x" }, "--identifier"],
    [{ kind: "cloud", writer: "service" }, "--writer"],
    [{ files: String.raw`D:\Ledger` }, "--files"],
    [{ writer: "external", files: String.raw`D:\Ledger` }, "--files"],
    [{ writer: "declared", files: "ledger" }, "--files"],
    [{ writer: "declared", files: String.raw`\\server\ledger` }, "--files"],
    [{ writer: "service", name: "half a pair: \ud83d" }, "--name"],
    [{ snapinId: "{CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}" }, "--snapin-id"],
    [{ handlers: ["none", "preRestore"] }, "--handler"],
    [{ handlers: ["none"] }, "--handler"],
    [{ handlers: ["none"], services: [] }, "--handler"],
    [{ clsid: "x" }, "--clsid"],
    [{ kind: "application", dotnet: ["all"] }, "--dotnet"],
    [{ kind: "cloud", shim: "source" }, "--shim"],
    [{ dotnet: ["none", "preRestore"] }, "--dotnet"],
    [{ handlers: ["preRestore"], dotnet: ["postRestore"] }, "--dotnet"],
  ])("that contradict each other, as in %j, are refused", (given, flag) => {
    expect(checkAnswers(given).map((problem) => problem.flag)).toEqual([flag]);
  });

  it("may name the files of a writer of the kit", () => {
    const files = String.raw`D:\Ledger`;
    expect(checkAnswers({ kind: "application", writer: "Service", files })).toEqual([]);
    expect(checkAnswers({ name: "half a pair: \ud83d" })).toEqual([]);
  });

  it("may omit every handler when there is a service", () => {
    expect(checkAnswers({ handlers: ["none"], services: ["A"] })).toEqual([]);
  });
});

describe("all answers", () => {
  it("are valid when none is given", () => {
    expect(checkAnswers({})).toEqual([]);
  });

  it("name the flag of every invalid answer", () => {
    const given = { name: "", folder: "con", identifier: "\n", writerId: "x", services: ["/"] };
    expect(checkAnswers(given).map(({ flag }) => flag)).toEqual([
      "--name",
      "--dir",
      "--identifier",
      "--writer-id",
      "--service",
    ]);
  });
});
