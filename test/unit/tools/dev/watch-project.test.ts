import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  watch as watchFolder,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { ProjectWatch, isOfProject } from "../../../../src/tools/dev/watch-project.ts";

let folder: string;
let over: AbortController;
let watch: ProjectWatch;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wsb-watch-"));
  for (const file of [
    "wsb-addin.json",
    "src/addin.ts",
    "src/handlers/a.ts",
    "dist/server.js",
    "node_modules/x/y.js",
  ])
    write(file);
  over = new AbortController();
  watch = new ProjectWatch({
    projectFolder: folder,
    outFolder: join(folder, "dist"),
    signal: over.signal,
  });
});

afterEach(() => {
  over.abort();
  rmSync(folder, { recursive: true });
});

function write(file: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), String(Math.random()));
}

/** Saves a file as many editors do: a new file takes its place. */
function replace(file: string): void {
  write(`${file}~`);
  renameSync(join(folder, `${file}~`), join(folder, file));
}

/** Waits for a change, and for the end of those that belong to it. */
async function change(make: () => void): Promise<void> {
  make();
  await watch.next();
}

it.each(["src/addin.ts", "wsb-addin.json"])(
  "notices each change of %s, also after an editor replaced it",
  async (file) => {
    await change(() => replace(file));
    await change(() => write(file));
    await change(() => replace(file));
  },
);

it("notices files in a new folder, and in one that was replaced", async () => {
  await change(() => mkdirSync(join(folder, "src/new/deep"), { recursive: true }));
  await change(() => write("src/new/deep/b.ts"));
  await change(() => {
    rmSync(join(folder, "src"), { recursive: true });
    write("src/handlers/a.ts");
  });
  await change(() => write("src/handlers/a.ts"));
});

it("notices a change that was made before anybody waits", async () => {
  const elsewhere = mkdtempSync(join(folder, "node_modules", "sentinel-"));
  const sentinel = watchFolder(elsewhere, { signal: over.signal });
  const told = once(sentinel, "change");
  write("wsb-addin.json");
  writeFileSync(join(elsewhere, "file"), "later");
  // Told after the change before it.
  await told;
  await watch.next();
});

it("ends with its signal", async () => {
  const next = watch.next();
  over.abort();
  await expect(next).rejects.toMatchObject({ name: "AbortError" });
});

it.each([
  ["src/addin.ts", true],
  ["wsb-addin.json", true],
  ["dist", false],
  ["dist/server.js", false],
  ["distance.ts", true],
  ["node_modules/x/y.js", false],
  ["packages/a/node_modules/x/y.js", false],
  [".git/index", false],
  [".github/workflows/ci.yml", true],
])("%s belongs to the project: %s", (file, expected) => {
  const places = { projectFolder: folder, outFolder: join(folder, "dist"), signal: over.signal };
  expect(isOfProject(join(file), places)).toBe(expected);
});
