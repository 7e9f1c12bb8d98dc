import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { IID } from "../../../../src/base/interface-ids.ts";
import { createFakeBinding } from "../../../helpers/fakes/fake-binding.ts";
import { repository } from "../../../generator/generator.ts";

interface Parameter {
  readonly type: string;
  readonly name: string;
}

interface Method {
  readonly name: string;
  readonly parameters: readonly Parameter[];
}

type Interfaces = Readonly<Record<string, readonly Method[]>>;

function read(path: string): string {
  return readFileSync(join(repository, "native", path), "utf8").replaceAll(/\/\/.*$/gmu, "");
}

/** Reads a parameter without attributes; to MIDL, `LPWSTR name[]` equals `LPWSTR* name`. */
function parseParameter(text: string): Parameter {
  const plain = text.replaceAll(/\[[^\]]*[a-z][^\]]*\]/gu, "").trim();
  const match = /^(?<type>\w+\s*\**)\s*(?<name>\w+)(?<array>\[\])?$/u.exec(plain);
  if (match === null) throw new Error(`not a parameter: ${text}`);
  const { type = "", name = "", array } = match.groups ?? {};
  return { type: `${type.replaceAll(/\s/gu, "")}${array === undefined ? "" : "*"}`, name };
}

/** Splits at the commas between parameters, not at those inside attributes. */
function parseParameters(text: string): readonly Parameter[] {
  return text.trim() === "" ? [] : text.split(/,(?![^[]*\])/u).map(parseParameter);
}

function parseInterfaces(text: string, interfaces: RegExp, methods: RegExp): Interfaces {
  return Object.fromEntries(
    [...text.matchAll(interfaces)].map(({ groups: one }) => [
      one?.["name"] ?? "",
      [...(one?.["body"] ?? "").matchAll(methods)].map(({ groups }) => ({
        name: groups?.["name"] ?? "",
        parameters: parseParameters(groups?.["parameters"] ?? ""),
      })),
    ]),
  );
}

const idl = read("idl/wsbapp.idl");
const header = read("src/com/wsbapp.hpp");

const fromIdl = parseInterfaces(
  idl,
  /interface (?<name>\w+) : IUnknown\s*\{(?<body>[^}]*)\}/gu,
  /HRESULT (?<name>\w+)\((?<parameters>(?:[^()]|\([^()]*\))*)\);/gu,
);
const fromHeader = parseInterfaces(
  header,
  /struct (?<name>\w+) : IUnknown \{(?<body>[^}]*)\}/gu,
  /virtual HRESULT STDMETHODCALLTYPE\s+(?<name>\w+)\((?<parameters>[^)]*)\) = 0;/gu,
);

// The methods of wsbapp.h, listed separately: vtable order, with parameter names in order.
const metadataAndNames = ["wszWriterMetadata", "wszComponentName", "wszComponentLogicalPath"];
const published: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  IWsbApplicationAsync: { QueryStatus: ["phrResult"], Abort: [] },
  IWsbApplicationBackupSupport: {
    CheckConsistency: [
      ...metadataAndNames,
      "cVolumes",
      "rgwszSourceVolumePath",
      "rgwszSnapshotVolumePath",
      "ppAsync",
    ],
  },
  IWsbApplicationRestoreSupport: {
    PreRestore: [...metadataAndNames, "bNoRollForward"],
    PostRestore: [...metadataAndNames, "bNoRollForward"],
    OrderComponents: [
      "cComponents",
      "rgComponentName",
      "rgComponentLogicalPaths",
      "prgComponentName",
      "prgComponentLogicalPath",
    ],
    IsRollForwardSupported: ["pbRollForwardSupported"],
  },
};
const publishedIids: Readonly<Record<string, string>> = {
  IWsbApplicationAsync: "0843F6F7-895C-44A6-B0C2-05A5022AA3A1",
  IWsbApplicationBackupSupport: "1EFF3510-4A27-46AD-B9E0-08332F0F4F6D",
  IWsbApplicationRestoreSupport: "8D3BDB38-4EE8-4718-85F9-C7DBC4AB77AA",
};

function namesOf(interfaces: Interfaces): object {
  return Object.entries(interfaces).map(([name, methods]) => [
    name,
    methods.map((method) => [method.name, method.parameters.map((one) => one.name)]),
  ]);
}

function iidsOfHeader(): Record<string, string> {
  const guids = header.matchAll(/kIid(?<name>\w+) = \{(?<digits>[^;]*)\};/gu);
  return Object.fromEntries(
    [...guids].map(({ groups }) => {
      const digits = (groups?.["digits"] ?? "").replaceAll(/0x|[{},\s]/gu, "").toUpperCase();
      const guid = digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, "$1-$2-$3-$4-$5");
      return [`IWsb${groups?.["name"] ?? ""}`, guid];
    }),
  );
}

function iidsOfIdl(): Record<string, string> {
  const heads = idl.matchAll(/uuid\((?<iid>[\w-]+)\)[^\]]*\]\s*interface (?<name>\w+)/gu);
  return Object.fromEntries(
    [...heads].map(({ groups }) => [groups?.["name"] ?? "", groups?.["iid"] ?? ""]),
  );
}

describe("the ABI header and the IDL", () => {
  it("have the published interfaces, methods and parameters in the published order", () => {
    const expected = Object.entries(published).map(([name, methods]) => [
      name,
      Object.entries(methods),
    ]);
    expect(namesOf(fromIdl)).toEqual(expected);
    expect(namesOf(fromHeader)).toEqual(expected);
  });

  it("agree in every parameter's type", () => {
    expect(fromHeader).toEqual(fromIdl);
  });

  it("have the published interface ids", () => {
    expect(iidsOfIdl()).toEqual(publishedIids);
    expect(iidsOfHeader()).toEqual(publishedIids);
    expect(IID).toEqual({
      async: `{${publishedIids["IWsbApplicationAsync"]}}`,
      backupSupport: `{${publishedIids["IWsbApplicationBackupSupport"]}}`,
      restoreSupport: `{${publishedIids["IWsbApplicationRestoreSupport"]}}`,
    });
  });

  it.each([
    ["cVolumes", "kMaxVolumes", 1000],
    ["cComponents", "kMaxComponents", 10_000],
  ])("limit %s to the same range", (parameter, constant, most) => {
    expect(idl).toContain(`range(0, ${most})] DWORD ${parameter}`);
    expect(header).toContain(`DWORD ${constant} = ${most};`);
  });

  it("allow NULL for every optional string and volume array", () => {
    const inputs = [
      ...idl.matchAll(/\[(?<attributes>in[^\]]*)\] LPWSTR (?<name>wsz\w+|rgwsz\w+)/gu),
    ];
    expect(inputs).toHaveLength(11);
    for (const { groups } of inputs) expect(groups?.["attributes"]).toContain("unique");
  });

  it("use the WSBAPP_ASYNC_IN_PROGRESS of current SDKs", () => {
    expect(read("src/core/hresult.hpp")).toMatch(/kAsyncInProgress = 0x007A0004;/u);
  });
});

describe("the shim", () => {
  it("exports exactly the functions of NativeBinding", () => {
    const names = [...read("src/addon.cpp").matchAll(/add\("(\w+)"/gu)].map(([, name]) => name);
    expect(names).toEqual(Object.keys(createFakeBinding()));
  });
});
