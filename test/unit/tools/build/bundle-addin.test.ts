import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import rootPackage from "../../../../package.json" with { type: "json" };
import { bundleAddin, type BundledAddin } from "../../../../src/tools/build/bundle-addin.ts";
import { filesBelow, readObject, repository, runNode } from "../../../generator/generator.ts";
import { APP_ID, CLSID, minimalFields } from "../../../helpers/manifest.ts";

let folder = "";

function write(name: string, text: string): void {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function runtimeModule(name: string): string {
  return JSON.stringify(join(repository, "src/runtime", name));
}

// A developer's project with its own shim; the runtime comes from the sources.
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wsb-bundle O'Brien & "));
  write("native/package.json", JSON.stringify({ wsbAddinShim: rootPackage.version }));
  write("native/build/wsb-addin.node", "not really a shim");
  write("wsb-addin.json", JSON.stringify({ ...minimalFields, clsid: CLSID, appId: APP_ID }));
  write("src/handler.ts", "export const preRestore = (): string => 'the very handler';");
  write(
    "src/addin.ts",
    `import { preRestore } from "./handler.ts";\nexport default { handlers: { preRestore } };`,
  );
  write(
    "node_modules/wsb-addin/server.ts",
    `export { serve } from ${runtimeModule("addin/server.ts")};`,
  );
  write(
    "node_modules/wsb-addin/writer.ts",
    `export { serveWriter } from ${runtimeModule("writer/serve-writer.ts")};`,
  );
  write(
    "node_modules/wsb-addin/package.json",
    JSON.stringify({
      name: "wsb-addin",
      type: "module",
      exports: { "./server": "./server.ts", "./writer": "./writer.ts" },
    }),
  );
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function bundle(
  entry = "src/addin.ts",
  projectFolder = folder,
  outFolder = join(folder, "out", "dist"),
): Promise<BundledAddin> {
  return bundleAddin({
    manifestFile: join(projectFolder, "wsb-addin.json"),
    entry: join(projectFolder, entry),
    outFolder,
  });
}

const writer = {
  kind: "service",
  components: [{ name: "Ledger", files: [{ path: "C:\\Ledger", filespec: "*", recursive: true }] }],
};

/** Writes a project whose writer is a service. */
function writeWriter(more: object): void {
  write("wsb-addin.json", JSON.stringify({ ...minimalFields, ...more, writer }));
  write("src/hold.ts", "export const freeze = (): string => 'the very freeze';");
  write(
    "src/writer.ts",
    `import { freeze } from "./hold.ts";\nexport default { writerHandlers: { freeze } };`,
  );
}

describe("bundleAddin of a writer in a service", () => {
  it("builds the writer beside the add-in, each without the other's handlers", async () => {
    writeWriter({ clsid: CLSID, appId: APP_ID });
    const { files, sources } = await bundle();
    const out = join(folder, "out", "dist");
    expect(filesBelow(out)).toEqual([
      "package.json",
      "server.js",
      "server.js.map",
      "writer.js",
      "writer.js.map",
      "wsb-addin.json",
      "wsb-addin.node",
    ]);
    expect(files.toSorted()).toEqual(filesBelow(out).map((name) => join(out, name)));
    expect(sources).toEqual(expect.arrayContaining(["src/addin.ts", "src/writer.ts"]));
    expect(new Set(sources).size).toBe(sources.length);
    const built = readFileSync(join(out, "writer.js"), "utf8");
    expect(built).toContain("the very freeze");
    expect(built).not.toContain("the very handler");
    expect(built).not.toMatch(/^import .* from "(?!node:)/mu);
    expect(readFileSync(join(out, "server.js"), "utf8")).not.toContain("the very freeze");
    expect(readFileSync(join(out, "writer.js.map"), "utf8")).toContain("src/hold.ts");
  });

  it("builds only the writer of an application without an add-in, also twice", async () => {
    writeWriter({});
    await bundle();
    await bundle();
    expect(filesBelow(join(folder, "out", "dist"))).toEqual([
      "package.json",
      "writer.js",
      "writer.js.map",
      "wsb-addin.json",
      "wsb-addin.node",
    ]);
  });

  it("reaches the runtime, which loads the shim beside it", async () => {
    writeWriter({});
    await bundle();
    const { exitCode, stderr } = await runNode(join(folder, "out/dist/writer.js"), [], folder);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      process.platform === "win32" ? "ERR_WSB_NATIVE_LOAD" : "ERR_WSB_UNSUPPORTED_PLATFORM",
    );
  });

  it("names the module that is missing, and the option", async () => {
    writeWriter({});
    rmSync(join(folder, "src", "writer.ts"));
    await expect(bundle()).rejects.toMatchObject({
      code: "ERR_WSB_BUILD",
      message: expect.stringMatching(/writer\.ts does not exist.*defineWriter.*--writer-entry/u),
    });
  });

  it("says what the module must export", async () => {
    writeWriter({});
    write("src/writer.ts", "export const writer = {};");
    await expect(bundle()).rejects.toThrow("export default defineWriter({ … })");
  });
});

describe("bundleAddin", () => {
  it("builds a folder without external dependencies", async () => {
    const { files, sources } = await bundle();
    const out = join(folder, "out", "dist");
    expect(filesBelow(out)).toEqual([
      "package.json",
      "server.js",
      "server.js.map",
      "wsb-addin.json",
      "wsb-addin.node",
    ]);
    expect(files.toSorted()).toEqual(filesBelow(out).map((name) => join(out, name)));
    expect(sources).toEqual(expect.arrayContaining(["src/addin.ts", "src/handler.ts"]));
    const server = readFileSync(join(out, "server.js"), "utf8");
    expect(server).toContain("the very handler");
    // The only remaining imports are modules of Node.js.
    expect(server).not.toMatch(/^import .* from "(?!node:)/mu);
    expect(readFileSync(join(out, "wsb-addin.node"), "utf8")).toBe("not really a shim");
    expect(readObject(out, "wsb-addin.json")).toEqual(readObject(folder, "wsb-addin.json"));
  });

  it("provides require to a CommonJS package", async () => {
    write("src/legacy.cjs", "const name = 'fs'; module.exports = require(name);");
    write("src/addin.ts", `import fs from "./legacy.cjs";\nexport default { handlers: { fs } };`);
    const {
      files: [server = ""],
    } = await bundle();
    expect(readFileSync(server, "utf8")).toMatch(/^import \{ createRequire as \w+ \}/u);
  });

  it("never loads an absent optional package from another folder", async () => {
    write(
      "src/addin.ts",
      `let found = "nothing";
       try { found = require("planted").name; } catch {}
       try { found = (await import("planted")).name; } catch {}
       console.log(found);
       export default { handlers: {} };`,
    );
    const {
      files: [server = ""],
    } = await bundle();
    write("node_modules/planted/package.json", `{"name":"planted","main":"index.js"}`);
    write("node_modules/planted/index.js", `exports.name = "an attacker's code";`);
    const built = readFileSync(server, "utf8");
    expect(built).toContain("Cannot find module 'planted'");
    expect(built).not.toMatch(/(?:require|import)\("planted"\)/u);
  });

  it.each(["", "src", "other"])("refuses to overwrite the contents of %j", async (name) => {
    write("other/notes.txt", "mine");
    const before = filesBelow(folder);
    await expect(bundle("src/addin.ts", folder, join(folder, name))).rejects.toMatchObject({
      code: "ERR_WSB_TARGET_EXISTS",
    });
    expect(filesBelow(folder)).toEqual(before);
  });

  it.runIf(process.platform === "linux").each(["server.js.map", "server.js", "package.json"])(
    "reports a full disk when it writes %s",
    async (name) => {
      const out = join(folder, "out", "dist");
      await bundle();
      rmSync(join(out, name));
      symlinkSync("/dev/full", join(out, name));

      await expect(bundle()).rejects.toMatchObject({ code: "ERR_WSB_FILE", errno: "ENOSPC" });
    },
  );

  it("replaces its own earlier build", async () => {
    await bundle();
    expect((await bundle()).files).toHaveLength(5);
  });

  it("writes a source map without the sources' text and without a path of this machine", async () => {
    write("node_modules/contoso-client/index.js", "exports.client = 'a package';");
    write(
      "shared/addin.ts",
      `import "contoso-client";\nexport { default } from "../src/addin.ts";`,
    );
    await bundle("shared/addin.ts");
    const text = readFileSync(join(folder, "out", "dist", "server.js.map"), "utf8");
    const { sources, ...map }: Record<string, unknown> = JSON.parse(text);
    expect(Object.keys(map).toSorted()).toEqual([
      "ignoreList",
      "mappings",
      "names",
      "version",
      "x_scriptSha256",
    ]);
    expect(sources).toEqual(
      expect.arrayContaining([
        "shared/addin.ts",
        "src/handler.ts",
        "node_modules/contoso-client/index.js",
        "wsb-addin/src/runtime/addin/server.ts",
      ]),
    );
    for (const source of Array.isArray(sources) ? sources : []) {
      expect(source).not.toMatch(/^\/|\.\.|\\|:/u);
    }
    for (const secret of ["the very handler", "a package", basename(folder), repository]) {
      expect(text).not.toContain(secret);
    }
    const server = readFileSync(join(folder, "out", "dist", "server.js"), "utf8");
    expect(server).not.toContain("sourceMappingURL");
  });

  it("writes the same map in any output folder", async () => {
    const maps: string[] = [];
    for (const out of ["dist", "a/b/c"]) {
      await bundle("src/addin.ts", folder, join(folder, out));
      maps.push(readFileSync(join(folder, out, "server.js.map"), "utf8"));
    }
    expect(maps[0]).toBe(maps[1]);
  });

  it("builds a server that Node.js can parse", async () => {
    const {
      files: [server = ""],
    } = await bundle();
    expect(await runNode("--check", [server], folder)).toMatchObject({ exitCode: 0, stderr: "" });
  });

  it("removes the files of an earlier build", async () => {
    await bundle();
    write("src/handler.ts", "export const preRestore = (): string => 'the next handler';");
    const {
      files: [server = ""],
    } = await bundle();
    expect(readFileSync(server, "utf8")).toContain("the next handler");
  });

  it.each([
    ["a missing manifest", undefined, "ERR_WSB_FILE"],
    ["a manifest that is not JSON", "{", "ERR_WSB_INVALID_MANIFEST"],
    ["an application without an add-in", JSON.stringify(minimalFields), "ERR_WSB_INVALID_MANIFEST"],
  ])("refuses %s and writes nothing", async (_, text, code) => {
    if (text === undefined) rmSync(join(folder, "wsb-addin.json"));
    else write("wsb-addin.json", text);
    await expect(bundle()).rejects.toMatchObject({ code });
    expect(filesBelow(folder).filter((name) => name.startsWith("out/"))).toEqual([]);
  });

  it.each([
    ["a missing entry", () => rmSync(join(folder, "src/addin.ts"))],
    ["a missing shim", () => rmSync(join(folder, "native/build/wsb-addin.node"))],
    ["an entry that does not parse", () => write("src/addin.ts", "export default {")],
    ["an import that is not there", () => write("src/addin.ts", `import "./gone.ts";`)],
    ["an entry without a default export", () => write("src/addin.ts", "export const a = 1;")],
    [
      "a project without the package",
      () => rmSync(join(folder, "node_modules"), { recursive: true }),
    ],
  ])("refuses %s and writes nothing", async (_, spoil) => {
    spoil();
    await expect(bundle()).rejects.toMatchObject({ code: "ERR_WSB_BUILD" });
    expect(filesBelow(folder).filter((name) => name.startsWith("out/"))).toEqual([]);
  });
});
