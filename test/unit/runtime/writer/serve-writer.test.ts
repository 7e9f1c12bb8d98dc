import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import * as inspector from "node:inspector";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { NativeBinding } from "../../../../src/runtime/native/binding.ts";
import { defineWriter } from "../../../../src/runtime/writer/define-writer.ts";
import { loadWriter } from "../../../../src/runtime/writer/load-writer.ts";
import { serveWriter } from "../../../../src/runtime/writer/serve-writer.ts";
import { createFakeBinding } from "../../../helpers/fakes/fake-binding.ts";
import { minimalFields } from "../../../helpers/manifest.ts";

const service = {
  kind: "service",
  components: [{ name: "Ledger", files: [{ path: "C:\\L", filespec: "*", recursive: false }] }],
};

let folder: string;
let asked: string[];
let api: NativeBinding;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "writer-"));
  asked = [];
  api = {
    ...createFakeBinding(),
    runService: ({ name }) => {
      asked.push(name);
      return Promise.reject(new Error("1063"));
    },
    lockFile: async () => null,
    installService: async () => {},
    deleteService: async () => false,
    createWriter: () => Promise.reject(new Error("No writer.")),
  };
});

afterEach(() => rmSync(folder, { recursive: true }));

function serve(writer: object, ...args: readonly string[]): Promise<number> {
  const file = join(folder, "wsb-addin.json");
  writeFileSync(file, JSON.stringify({ ...minimalFields, writer }));
  const moduleUrl = pathToFileURL(join(folder, "writer.js")).href;
  const argv = ["node.exe", "writer.js", ...args];
  return serveWriter(async () => ({ default: defineWriter({}) }), { api, moduleUrl, argv });
}

describe("a built writer", () => {
  it("is the service that its command line names", async () => {
    await expect(serve(service, "--service", "Ledger")).rejects.toThrow("1063");
    expect(asked).toEqual(["Ledger"]);
  });

  it("is the guardian of its service", async () => {
    // Another one has its place.
    expect(await serve(service, "--guardian")).toBe(1);
    expect(asked).toEqual([]);
  });

  it("closes the port of a debugger", async () => {
    if (inspector.url() === undefined) inspector.open(0);
    await serve(service, "--service", "Ledger").catch(() => {});
    expect(inspector.url()).toBeUndefined();
  });

  it.each([[[]], [["--service"]], [["--developer"]]])("refuses the arguments %j", async (args) => {
    const error = { code: "ERR_WSB_INVALID_ARGUMENT" };
    await expect(serve(service, ...args)).rejects.toMatchObject(error);
    expect(asked).toEqual([]);
  });

  it("refuses a manifest whose writer is no service", async () => {
    const error = { code: "ERR_WSB_INVALID_MANIFEST" };
    const served = serve({ kind: "external" }, "--service", "Ledger");
    await expect(served).rejects.toMatchObject(error);
  });
});

describe("loadWriter", () => {
  it("returns the handlers of the default export", async () => {
    const handlers = { thaw: vi.fn<() => void>() };
    const module = { default: defineWriter(handlers) };
    expect(await loadWriter(async () => module)).toEqual(handlers);
  });

  it.each([[undefined], [{}], [{ default: null }], [{ default: { writerHandlers: 1 } }]])(
    "refuses %j",
    async (module) => {
      const error = { code: "ERR_WSB_HANDLER" };
      await expect(loadWriter(async () => module)).rejects.toMatchObject(error);
    },
  );

  it("passes on the module's error", async () => {
    const error = new Error("Syntax error.");
    await expect(loadWriter(() => Promise.reject(error))).rejects.toBe(error);
  });
});
