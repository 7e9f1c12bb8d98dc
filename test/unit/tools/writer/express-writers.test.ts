import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { planDeclared } from "../../../../src/tools/writer/declared.ts";
import { expressStore, expressWritersOn } from "../../../../src/tools/writer/express-writers.ts";
import { createFakeBinding } from "../../../helpers/fakes/fake-binding.ts";
import { NativeError } from "../../../helpers/fakes/native-error.ts";
import { WRITER_ID, manifestWith } from "../../../helpers/manifest.ts";

let windows: string;

beforeEach(() => {
  windows = mkdtempSync(join(tmpdir(), "wsb-windows-"));
});

afterEach(() => rmSync(windows, { recursive: true, force: true }));

const declared = planDeclared(
  manifestWith({
    writer: {
      kind: "declared",
      components: [
        {
          name: "Ledger",
          selectable: true,
          selectableForRestore: true,
          files: [{ path: "C:\\Ledger", filespec: "*", recursive: true }],
          dependencies: [],
        },
      ],
      backupSchema: ["copy"],
      restoreMethod: "restoreIfCanReplace",
      exclude: [],
    },
  }),
);
if (declared === null) throw new Error("not declared");
const { document, express } = declared;

/** The writers of a machine whose VSS answers each call like this. */
function writersWith(answer: () => Promise<void> = async () => {}) {
  return expressWritersOn({
    ...createFakeBinding({
      vss: {
        registerExpressWriter: answer,
        registerExpressDocument: answer,
        unregisterExpressWriter: answer,
      },
    }),
    knownFolders: () => ({ programData: "C:\\ProgramData", windows }),
  });
}

function refusing(hresult: number, api = "Register") {
  return writersWith(async () => {
    throw new NativeError(hresult, api);
  });
}

function store(name: string, bytes: Uint8Array): void {
  const folder = join(windows, "Vss", "Writers", "Application");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), bytes);
}

describe("Windows' store", () => {
  it("is where Windows' own writer for it says", () => {
    const folders = { programData: "C:\\ProgramData", windows: "C:\\Windows" };
    const folder = expressStore({ knownFolders: () => folders });
    expect(folder.replaceAll("/", "\\")).toBe("C:\\Windows\\Vss\\Writers");
  });

  it("has no writer when there is no such folder", () => {
    expect(writersWith().read(WRITER_ID)).toBeNull();
  });

  it.each([
    ["UTF-16 with a byte order mark", Buffer.from(`\uFEFF${document}`, "utf16le")],
    ["UTF-16 without one", Buffer.from(document, "utf16le")],
    ["UTF-8", Buffer.from(document, "utf8")],
  ])("finds a document in %s, whatever its file is called", (_, bytes) => {
    store("system.xml", Buffer.from("<WRITER_METADATA/>"));
    store("broken.xml", Buffer.from([0xff, 0xfe, 0x00]));
    store("Anything.XML", bytes);
    expect(writersWith().read(WRITER_ID)?.replace("\uFEFF", "")).toBe(document);
  });

  it("does not find a file that is being written, or the document of another writer", () => {
    store("new.xml.new", Buffer.from(document));
    store("other.xml", Buffer.from(document.replace("ce4ef7dc", "11111111")));
    expect(writersWith().read(WRITER_ID)).toBeNull();
  });
});

describe("a refusal of VSS", () => {
  it("of an id in use is a conflict", async () => {
    const conflict = { code: "ERR_WSB_CONFLICT", message: expect.stringContaining(WRITER_ID) };
    await expect(refusing(0x8004230d).register(express)).rejects.toMatchObject(conflict);
    const again = refusing(0x8004230d).registerDocument(WRITER_ID, document);
    await expect(again).rejects.toMatchObject(conflict);
  });

  it("to remove a writer that is not there is none", async () => {
    await expect(refusing(0x80042308).unregister(WRITER_ID)).resolves.toBeUndefined();
  });

  it.each([
    [0x8007007e, "LoadLibraryExW", "ERROR_MOD_NOT_FOUND", "vssapi.dll"],
    [0x8007007f, "GetProcAddress", "ERROR_PROC_NOT_FOUND", "does not know express writers"],
    [0x8007043c, "CreateVssExpressWriterInternal", "ERROR_NOT_SAFEBOOT_SERVICE", "safe mode"],
    [0x80042301, "Unregister", "VSS_E_BAD_STATE", "order"],
    [0x80042302, "AddComponent", "VSS_E_UNEXPECTED", "unexpectedly"],
    [0x80042311, "LoadMetadata", "VSS_E_INVALID_XML_DOCUMENT", "metadata document"],
    [0x8004232f, "AddFilesToFileGroup", "VSS_E_NOT_SUPPORTED", "express writer"],
  ])("0x%s is a sentence with the name of the code", async (hresult, api, name, text) => {
    const message = expect.stringMatching(
      new RegExp(`^Cannot register the express writer .*${text}.*${api}, ${name}, 0x`, "u"),
    );
    const error = { code: "ERR_WSB_WINDOWS_API", hresult, api, message };
    await expect(refusing(hresult, api).register(express)).rejects.toMatchObject(error);
  });

  it("for want of rights asks for an elevated prompt", async () => {
    await expect(refusing(0x80070005).unregister(WRITER_ID)).rejects.toMatchObject({
      code: "ERR_WSB_ACCESS_DENIED",
      message: expect.stringContaining("elevated prompt"),
    });
  });

  it("of another kind has Windows' text and code", async () => {
    await expect(refusing(0x80070057, "AddComponent").register(express)).rejects.toMatchObject({
      code: "ERR_WSB_WINDOWS_API",
      message: expect.stringContaining("Windows refused (AddComponent, 0x80070057)"),
    });
  });
});

describe("a machine without vssapi.dll", () => {
  it("says so", async () => {
    const writers = expressWritersOn(createFakeBinding());
    await expect(writers.register(express)).rejects.toMatchObject({ hresult: 0x8007007e });
  });
});
