import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import {
  copyDotnet,
  findDotnetPackages,
  usesDotnet,
} from "../../../../src/tools/build/dotnet-files.ts";
import { dotnet } from "../../../../src/runtime/dotnet/index.ts";
import { dotnetFolder, loadEdge } from "../../../../src/runtime/dotnet/edge.ts";
import { compiles } from "../../../../src/testing/dotnet.ts";
import { filesBelow } from "../../../generator/generator.ts";

const DOTNET = expect.objectContaining({ code: "ERR_WSB_DOTNET" });
let project = "";

function write(name: string, text = ""): void {
  const path = join(project, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function writePackages(edge = "exports.func = () => () => {};"): void {
  write("node_modules/edge-js/package.json", '{"name":"edge-js","main":"./lib/edge.js"}');
  write("node_modules/edge-js/lib/edge.js", edge);
  write("node_modules/edge-js/tools/checkMono.js");
  write("node_modules/edge-js/lib/native/win32/x64/msvcp140.dll", "a library");
  write("node_modules/edge-js/lib/native/win32/x64/22/edge_nativeclr.node");
  write("node_modules/edge-js/lib/native/win32/arm64/22/edge_nativeclr.node");
  write("node_modules/edge-cs/package.json", '{"name":"edge-cs"}');
  write("node_modules/edge-cs/lib/edge-cs.dll");
}

beforeEach(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), "wsb-dotnet-")));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(project, { recursive: true });
});

describe("loadEdge", () => {
  it("says what to install", () => {
    expect(() => loadEdge(project)).toThrow(DOTNET);
    expect(() => loadEdge(project)).toThrow("npm install --save-optional edge-js");
  });

  it.each([
    ["cannot be loaded", "throw new Error('not for this machine');"],
    ["is something else", "exports.other = 1;"],
  ])("reports an edge-js that %s", (_, edge) => {
    writePackages(edge);
    expect(() => loadEdge(project)).toThrow(DOTNET);
  });

  it("loads edge-js only from a built add-in's own folder", () => {
    writePackages("exports.func = () => 'planted';");
    write("dist/server.js");
    expect(() => loadEdge(join(project, "dist"))).toThrow(DOTNET);
    write("dist/node_modules/edge-js/lib/edge.js", "exports.func = () => 'built';");
    expect(loadEdge(join(project, "dist"))({ typeName: "", methodName: "" })).toBe("built");
  });
});

describe("a method that decides about an abandoned restore", () => {
  const request = { components: [], services: ["Ledger"] };
  const context = {
    signal: new AbortController().signal,
    log: { info: () => {}, warn: () => {} },
    progress: () => {},
    run: async () => ({ exitCode: 0, output: "" }),
  };

  function decide(result: string): Promise<unknown> {
    writePackages(`exports.func = () => (_, callback) => callback(null, ${result});`);
    vi.spyOn(process, "cwd").mockReturnValue(project);
    const handler = dotnet({ source: "class X {}", type: "X", returns: "decision" });
    return handler(request, context);
  }

  it.each(["startServices", "keepStopped"])("returns %s", async (word) => {
    expect(await decide(JSON.stringify(word))).toBe(word);
  });

  it.each(["null", "true", '"perhaps"'])("must not return %s", async (result) => {
    await expect(decide(result)).rejects.toMatchObject({ code: "ERR_WSB_HANDLER" });
  });
});

describe("C# in a test", () => {
  it.each([
    ["runs where edge-js compiles it", "exports.func = () => () => {};", true],
    ["does not where edge-js has no .NET", "exports.func = () => { throw new Error(); };", false],
    ["does not where edge-js is not for this machine", "throw new Error();", false],
  ])("%s", (_, edge, can) => {
    expect(compiles(project)).toBe(false);
    writePackages(edge);
    expect(compiles(project)).toBe(can);
  });
});

describe("dotnetFolder", () => {
  it("returns a built server's folder, or else the working folder", () => {
    const url = pathToFileURL(join(project, "server.js")).href;
    expect(dotnetFolder(url)).toBe(process.cwd());
    write("server.js");
    expect(dotnetFolder(url)).toBe(project);
  });
});

describe("copyDotnet", () => {
  it("copies the files that a server needs, with libraries where Windows finds them", () => {
    writePackages();
    write("dotnet/Handlers.cs", "class Handlers {}");
    write("dist/dotnet/Stale.cs");
    const sources = copyDotnet(findDotnetPackages(project), project, join(project, "dist"));
    const edge = "node_modules/edge-js";
    expect(filesBelow(join(project, "dist"))).toEqual([
      "dotnet/Handlers.cs",
      "node_modules/edge-cs/lib/edge-cs.dll",
      "node_modules/edge-cs/package.json",
      `${edge}/lib/edge.js`,
      `${edge}/lib/native/win32/x64/22/edge_nativeclr.node`,
      `${edge}/lib/native/win32/x64/22/msvcp140.dll`,
      `${edge}/lib/native/win32/x64/msvcp140.dll`,
      `${edge}/package.json`,
      `${edge}/tools/checkMono.js`,
    ]);
    expect(sources).toEqual([`${edge}/package.json`, "node_modules/edge-cs/package.json"]);
    const library = join(project, "dist", edge, "lib/native/win32/x64/22/msvcp140.dll");
    expect(readFileSync(library, "utf8")).toBe("a library");
  });

  it("says what to install when edge-js is missing", () => {
    expect(() => findDotnetPackages(project)).toThrow(
      expect.objectContaining({ code: "ERR_WSB_BUILD" }),
    );
  });
});

it.each([
  ["node_modules/wsb-addin/dist/runtime/dotnet/edge.js", true],
  ["../kit/src/runtime/dotnet/edge.ts", true],
  ["src/handlers/edge.ts", false],
  ["dotnet/edge.ts", false],
])("detects .NET handlers by %s", (source, expected) => {
  expect(usesDotnet(["src/addin.ts", source])).toBe(expected);
});
