import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import type { ErrorDescription } from "../../../../src/base/error-chain.ts";
import { createStackMapper, type MapFile } from "../../../../src/runtime/addin/stack.ts";
import { bundleServer } from "../../../../src/tools/build/bundle-server.ts";
import { runNode } from "../../../generator/generator.ts";

const source = (path: string): string =>
  JSON.stringify(fileURLToPath(new URL(`../../../../src/${path}`, import.meta.url)));

const PRE_RESTORE = `interface Target {
  readonly name: string;
}

// Lines and columns differ from those of the bundle: ☃ 😀
export async function flush({ name }: Target): Promise<void> {
  await Promise.resolve();
  throw new Error(\`no flush of \${name}\`);
}

export async function preRestore(): Promise<void> {
  const target: Target = { name: "Ledger" };
  try {
    await flush(target);
  } catch (error) {
    throw new Error("Cannot prepare", { cause: error });
  }
}
`;
const POST_RESTORE = `import { openLedger } from "contoso-client";

export const postRestore = async (): Promise<void> => {
  for (const name of [1].map(() => openLedger("Ledger"))) console.log(name);
};
`;
const CLIENT = `// A package in JavaScript.
exports.openLedger = function connect(name) {
  return name.missing.length;
};
`;
const ORDER_COMPONENTS = `import { readFileSync } from "node:fs";

export const orderComponents = (): Buffer => readFileSync("/nowhere/at all");
`;
const ADDIN = `import { preRestore } from "./handlers/pre-restore.ts";
import { postRestore } from "./handlers/post-restore.ts";
import { orderComponents } from "./handlers/ordér # 100%.ts";

export default { handlers: { preRestore, postRestore, orderComponents } };
`;
// The necessary part of the kit: it calls handlers and describes their errors.
const SERVER = `import { utimesSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describeError } from ${source("base/error-chain.ts")};
import { createServerStackMapper } from ${source("runtime/addin/stack.ts")};

function refuse(): never {
  throw new Error("the kit's own");
}

export async function serve(load, url) {
  const mapStack = createServerStackMapper(url);
  const { default: addin } = await load();
  // Nothing else changes while the process runs.
  if (process.argv[2] === "replaced") utimesSync(fileURLToPath(url), new Date(), new Date());
  const failures = {};
  for (const [name, handler] of Object.entries({ ...addin.handlers, refuse })) {
    try {
      await handler();
    } catch (error) {
      failures[name] = describeError(error, mapStack);
    }
  }
  console.log(JSON.stringify(failures));
  return 0;
}
`;

type Failures = Readonly<
  Record<"preRestore" | "postRestore" | "orderComponents" | "refuse", ErrorDescription>
>;

let project = "";

function write(name: string, text: string): void {
  const path = join(project, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

async function build(): Promise<string> {
  const outFile = join(project, "dist", "server.js");
  await bundleServer({ projectFolder: project, entry: "./src/addin.ts", outFile, form: "script" });
  return outFile;
}

/** Copies the built server to a new folder that a test may change. */
function copyServer(name: string): { readonly server: string; readonly map: string } {
  write(join(name, "package.json"), `{ "type": "module" }`);
  const files = ["server.js", "server.js.map"].map((file) => {
    copyFileSync(join(project, "dist", file), join(project, name, file));
    return join(project, name, file);
  });
  const [server = "", map = ""] = files;
  return { server, map };
}

async function failuresOf(server: string, ...args: readonly string[]): Promise<Failures> {
  const { exitCode, stdout, stderr } = await runNode(server, args, project);
  if (exitCode !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** Returns the place of `part` in a source, in the form of a frame. */
function placeOf(text: string, part: string): string {
  const lines = text.slice(0, text.indexOf(part)).split("\n");
  return `${lines.length}:${(lines.at(-1) ?? "").length + 1}`;
}

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), "wsb-stack O'Brien (ä) & "));
  write("src/addin.ts", ADDIN);
  write("src/handlers/pre-restore.ts", PRE_RESTORE);
  write("src/handlers/post-restore.ts", POST_RESTORE);
  write("src/handlers/ordér # 100%.ts", ORDER_COMPONENTS);
  write("node_modules/contoso-client/package.json", `{ "name": "contoso-client" }`);
  write("node_modules/contoso-client/index.js", CLIENT);
  write("node_modules/wsb-addin/server.ts", SERVER);
  write(
    "node_modules/wsb-addin/package.json",
    `{ "name": "wsb-addin", "type": "module", "exports": { "./server": "./server.ts" } }`,
  );
  await build();
});
afterAll(() => {
  rmSync(project, { recursive: true });
});

describe("a built server", () => {
  let failures: Failures;

  beforeAll(async () => {
    failures = await failuresOf(copyServer("mapped").server);
  });

  it("shows stacks with places in the TypeScript sources", () => {
    const { preRestore } = failures;
    const file = "src/handlers/pre-restore.ts";
    expect(preRestore.stack).toEqual([
      `at preRestore (${file}:${placeOf(PRE_RESTORE, 'new Error("Cannot prepare"')})`,
    ]);
    expect(preRestore.causes[0]?.stack).toEqual([
      `at flush (${file}:${placeOf(PRE_RESTORE, "new Error(`no flush")})`,
      // Resumed after an await.
      `at async preRestore (${file}:${placeOf(PRE_RESTORE, "await flush(target)")})`,
    ]);
  });

  it("shows a package's frames, and functions of JavaScript between those of a handler", () => {
    const { postRestore } = failures;
    const file = "src/handlers/post-restore.ts";
    expect(postRestore.stack).toEqual([
      `at connect (node_modules/contoso-client/index.js:${placeOf(CLIENT, "length")})`,
      `at ${file}:${placeOf(POST_RESTORE, 'openLedger("Ledger")')}`,
      "at Array.map (<anonymous>)",
      `at postRestore (${file}:${placeOf(POST_RESTORE, "map(")})`,
    ]);
  });

  it("omits the frames of Node.js above a handler's", () => {
    const { orderComponents } = failures;
    expect(orderComponents).toMatchObject({ code: "ENOENT" });
    expect(orderComponents.stack).toEqual([
      `at orderComponents (src/handlers/ordér # 100%.ts:${placeOf(ORDER_COMPONENTS, "readFileSync(")})`,
    ]);
  });

  it("keeps the frames of the kit if there are no others", () => {
    const { refuse } = failures;
    const place = placeOf(SERVER, "new Error(");
    expect(refuse.stack?.[0]).toBe(`at refuse (node_modules/wsb-addin/server.ts:${place})`);
  });

  it.each<[string, (files: { readonly server: string; readonly map: string }) => unknown]>([
    ["no map", ({ map }) => rmSync(map)],
    ["an empty map", ({ map }) => writeFileSync(map, "")],
    ["a map of more than 8 MiB", ({ map }) => appendFileSync(map, " ".repeat(8 * 1024 * 1024))],
    ["another script than the map's", ({ server }) => appendFileSync(server, "// changed\n")],
    ["a folder in the map's place", ({ map }) => [rmSync(map), mkdirSync(map)]],
  ])("shows unmapped stacks with %s", async (what, change) => {
    const files = copyServer(what);
    change(files);
    const { preRestore } = await failuresOf(files.server);
    expect(preRestore).toMatchObject({ text: "Cannot prepare" });
    expect(preRestore.stack?.[0]).toMatch(/^at preRestore \(file:.*\/server\.js:\d+:\d+\)$/u);
    expect(preRestore.stack?.length).toBeGreaterThan(1);
  });

  it("does not use the map of a script that was replaced while it runs", async () => {
    const { preRestore } = await failuresOf(copyServer("replaced").server, "replaced");
    expect(preRestore.stack?.[0]).toMatch(/^at preRestore \(file:.*\/server\.js:\d+:\d+\)$/u);
  });
});

const SCRIPT = "file:///C:/Program%20Files%20(x86)/a/server.js";

/** The map of a script with three lines: the user's, the bundler's and the kit's. */
const map = {
  version: 3,
  sources: ["src/a.ts", "kit.js"],
  names: [],
  // Line 1, column 9 is src/a.ts, line 5, column 3; line 3 is kit.js, line 1.
  mappings: "QAIE;;ACJF",
  ignoreList: [1],
};

function mapperOf(file: MapFile | undefined): ReturnType<typeof createStackMapper> {
  return createStackMapper({ scriptName: SCRIPT, readMap: () => file });
}

describe("createStackMapper", () => {
  const mapStack = mapperOf({ text: JSON.stringify(map) });

  it.each([
    [`at f (${SCRIPT}:1:9)`, "at f (src/a.ts:5:3)"],
    [`at ${SCRIPT}:1:9`, "at src/a.ts:5:3"],
    [`at async ${SCRIPT}:1:20`, "at async src/a.ts:5:3"],
    [`at async f (${SCRIPT}:1:9)`, "at async f (src/a.ts:5:3)"],
    [`at new F (${SCRIPT}:1:9)`, "at new F (src/a.ts:5:3)"],
    [`at Object.f [as g] (${SCRIPT}:1:9)`, "at Object.f [as g] (src/a.ts:5:3)"],
  ])("maps %s to its source", (frame, expected) => {
    expect(mapStack([frame])).toEqual([expected]);
  });

  it.each([
    "at f (file:///C:/other/server.js:1:9)",
    `at f (file:///C:/other.js?${SCRIPT}:1:9)`,
    `at eval (eval at f (${SCRIPT}:1:9), <anonymous>:1:1)`,
    `at f (${SCRIPT}:1)`,
    `at f (${SCRIPT}:x:9)`,
    `at f (${SCRIPT}:99999999999999999999:9)`,
    `at f (${SCRIPT}:0:0)`,
    `at f (${SCRIPT})`,
    `at f (${SCRIPT}:2:1)`,
    `at f (${SCRIPT}:1:1)`,
    "at f (C:\\a\\b.js:1:1)",
    "at wasm://wasm/1:wasm-function[3]:0x12",
    "at ",
  ])("does not change %s", (frame) => {
    expect(mapStack([frame])).toEqual([frame]);
  });

  it("maps the script of an exe, which has a name but no path", () => {
    const scriptName = "server.cjs";
    const show = createStackMapper({ scriptName, readMap: () => ({ text: JSON.stringify(map) }) });
    expect(
      show(["at f (server.cjs:1:9)", "at server.cjs:1:9", "at f (C:\\server.cjs:1:9)"]),
    ).toEqual(["at f (src/a.ts:5:3)", "at src/a.ts:5:3", "at f (C:\\server.cjs:1:9)"]);
  });

  it("omits the frames of the kit, the bundler and Node.js", () => {
    const frames = [
      "at Object.readFileSync (node:fs:448:20)",
      `at f (${SCRIPT}:1:9)`,
      "at Array.map (<anonymous>)",
      `at __init (${SCRIPT}:2:1)`,
      "at g (file:///C:/other.js:1:1)",
      "at new Promise (<anonymous>)",
      `at dispatch (${SCRIPT}:3:1)`,
      "at process.processTicksAndRejections (node:internal/process/task_queues:105:5)",
      "at async Promise.all (index 0)",
      "at async node:internal/main:1:1",
    ];
    expect(mapStack(frames)).toEqual([
      "at f (src/a.ts:5:3)",
      "at Array.map (<anonymous>)",
      "at g (file:///C:/other.js:1:1)",
    ]);
  });

  it("keeps a stack without frames of the user", () => {
    const frames = [
      "at f (node:fs:1:1)",
      `at dispatch (${SCRIPT}:3:1)`,
      "at Array.map (<anonymous>)",
    ];
    expect(mapStack(frames)).toEqual([frames[0], "at dispatch (kit.js:1:1)", frames[2]]);
    expect(mapStack([])).toEqual([]);
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a list", []],
    ["a map without sources", { ...map, sources: undefined }],
    ["sources that are not strings", { ...map, sources: [1, {}] }],
    ["a source of two lines", { ...map, sources: ["src/a.ts:5:3)\n    at g (b.ts", "kit.js"] }],
    ["a source that is not part of a URL", { ...map, sources: ["%", "kit.js"] }],
    ["a map without mappings", { ...map, mappings: undefined }],
    ["a map without a list of the kit's sources", { ...map, ignoreList: undefined }],
  ])("shows unmapped stacks with %s as a map", (_, value) => {
    const frames = [`at f (${SCRIPT}:1:9)`, "at node:fs:1:1"];
    expect(mapperOf({ text: JSON.stringify(value) ?? "" })(frames)).toEqual(frames);
  });

  it("shows unmapped stacks with a map of more than 8 MiB", () => {
    const text = `${JSON.stringify(map)}${" ".repeat(8 * 1024 * 1024)}`;
    const frames = [`at f (${SCRIPT}:1:9)`];
    expect(mapperOf({ text })(frames)).toEqual(frames);
  });

  it.each([
    "?",
    "AAAA,",
    "AAAAAAAAAA",
    ";;;;",
    "gggggggggggggggggggggggggggggg",
    "A",
    "QAIE,\u0000",
  ])("shows a stack with the mappings %j", (mappings) => {
    const text = JSON.stringify({ ...map, mappings });
    expect(mapperOf({ text })([`at f (${SCRIPT}:1:9)`])).toHaveLength(1);
  });

  it("ignores a place of a hostile map outside of its source", () => {
    const text = JSON.stringify({ ...map, sources: [], ignoreList: [7, "x", null] });
    const frames = [`at f (${SCRIPT}:1:9)`];
    expect(mapperOf({ text })(frames)).toEqual(frames);
  });

  it.each<[string, () => MapFile | undefined]>([
    ["a map", () => ({ text: JSON.stringify(map) })],
    ["no map", () => undefined],
    [
      "a map that cannot be read",
      () => {
        throw new Error("EACCES");
      },
    ],
  ])("reads %s once, at the first stack", (_, read) => {
    const readMap = vi.fn<() => MapFile | undefined>(read);
    const show = createStackMapper({ scriptName: SCRIPT, readMap });
    expect(readMap).not.toHaveBeenCalled();
    for (const frame of ["at a", "at b"]) expect(show([frame])).toEqual([frame]);
    expect(readMap).toHaveBeenCalledOnce();
  });

  it("detects the map of another script by the script's content", () => {
    const text = JSON.stringify({ ...map, x_scriptSha256: "00" });
    const frames = [`at f (${SCRIPT}:1:9)`];
    expect(mapperOf({ text, script: Buffer.from("a") })(frames)).toEqual(frames);
    expect(mapperOf({ text })(frames)).toEqual(["at f (src/a.ts:5:3)"]);
  });
});
