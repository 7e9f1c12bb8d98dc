import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { finishMap } from "../../../../src/tools/build/source-map.ts";

const script = Buffer.from("a script");

let folder = "";
let projectFolder = "";

function packageAt(name: string, fields: object): void {
  const path = join(folder, name, "package.json");
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(fields));
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wsb-source-map-"));
  projectFolder = join(folder, "work", "project");
  mkdirSync(projectFolder, { recursive: true });
  packageAt("work/shared", { name: "@contoso/shared é#", version: "1.0.0" });
  packageAt("kit", { name: "wsb-addin", version: "1.0.0" });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function finish(fields: object): Record<string, unknown> {
  const text = JSON.stringify({
    version: 3,
    sources: [],
    names: ["a"],
    mappings: "AAAA",
    ...fields,
  });
  const map: Record<string, unknown> = JSON.parse(finishMap({ text, projectFolder, script }));
  return map;
}

describe("finishMap", () => {
  it("keeps the mappings, and adds the digest of the script", () => {
    expect(finish({ file: "server.js", sourceRoot: folder, sourcesContent: ["a secret"] })).toEqual(
      {
        version: 3,
        sources: [],
        names: ["a"],
        mappings: "AAAA",
        ignoreList: [],
        x_scriptSha256: createHash("sha256").update(script).digest("hex"),
      },
    );
  });

  it.each([
    ["src/handlers/pre-restore.ts", "src/handlers/pre-restore.ts"],
    ["src/caf%C3%A9.ts", "src/caf%C3%A9.ts"],
    ["server-entry.js", "server-entry.js"],
    ["absent:planted", "absent:planted"],
    ["node_modules/a/index.js", "node_modules/a/index.js"],
    ["node_modules/.pnpm/a@1.0.0/node_modules/@b/a/x.js", "node_modules/@b/a/x.js"],
    ["../../node_modules/a/index.js", "node_modules/a/index.js"],
    ["/home/alice/node_modules/a/index.js", "node_modules/a/index.js"],
    ["../my_node_modules/a.ts", "a.ts"],
    ["../shared/src/a%20%C3%A9.ts", "%40contoso/shared%20%C3%A9%23/src/a%20%C3%A9.ts"],
    ["../../kit/dist/base/errors.js", "wsb-addin/dist/base/errors.js"],
    ["../../nobodys/a.ts", "a.ts"],
    ["/home/alice/a.ts", "a.ts"],
  ])("names %s as %s", (source, expected) => {
    expect(finish({ sources: [source] })).toMatchObject({ sources: [expected] });
  });

  it("names a source with a URL", () => {
    const { href } = pathToFileURL(join(folder, "work", "shared", "src", "a.ts"));
    const expected = "%40contoso/shared%20%C3%A9%23/src/a.ts";
    expect(finish({ sources: [href] })).toMatchObject({ sources: [expected] });
  });

  it("marks exactly the kit's own sources as ignored", () => {
    const kit = [
      "server-entry.js",
      "node_modules/wsb-addin/dist/base/errors.js",
      "../../node_modules/wsb-addin/dist/base/errors.js",
      "../../kit/dist/base/errors.js",
      "../../kit/src/base/errors.ts",
    ];
    const others = [
      "src/addin.ts",
      "wsb-addin/src/addin.ts",
      "node_modules/wsb-addin-client/index.js",
      "node_modules/a/index.js",
      "../shared/src/a.ts",
      "../../kit/test/fixtures/addins/probe.ts",
      "../../nobodys/a.ts",
    ];
    expect(finish({ sources: [...kit, ...others] })).toMatchObject({ ignoreList: [0, 1, 2, 3, 4] });
  });
});
