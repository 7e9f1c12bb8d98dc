import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { scaffold } from "../generator/generator.ts";
import { runCli } from "../helpers/cli.ts";

let folder: string;
let project: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "wsb-generate-"));
  project = (
    await scaffold({ handlers: ["postRestore"], ci: "none", shim: "source", folder: "p" }, folder)
  ).folder;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("commands that change a project print JSON by their published schema", () => {
  it.each([
    [["generate", "handler", "orderComponents"], "src/handlers/order-components.ts"],
    [["generate", "dotnet", "preRestore"], "dotnet/PreRestore.cs"],
    [["generate", "check", "ledger-files"], "src/checks/ledger-files.ts"],
    [["generate", "writer", "--kind", "service"], "src/writer.ts"],
    [["generate", "ci", "github"], ".github/workflows/ci.yml"],
    [["generate", "cloud"], "provider.json"],
  ])("%j", async (command, file) => {
    const { code, stdout, stderr } = await runCli(folder, project, [...command, "--json"]);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ created: expect.arrayContaining([file]) });
  });

  it("upgrade", async () => {
    const file = join(project, "native/src/addon.cpp");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, `${text}// mine`);
    const { code, stdout, stderr } = await runCli(folder, project, ["upgrade", "--json"]);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ownersFiles: ["native/src/addon.cpp"],
      changed: [{ path: ".editorconfig" }],
      removed: [],
    });
  });

  it.each([
    ["in a folder that is not a project", "preRestore", [], 2, "ERR_WSB_INVALID_ARGUMENT"],
    ["for an unknown handler", "preRestroe", ["--project", "p"], 2, "ERR_WSB_INVALID_ARGUMENT"],
    ["for an existing handler", "postRestore", ["--project", "p"], 1, "ERR_WSB_TARGET_EXISTS"],
  ])("%s, why it failed", async (_what, name, options, exitCode, error) => {
    const args = ["generate", "dotnet", name, ...options, "--json"];
    const { code, stdout } = await runCli(folder, folder, args);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: error } });
    expect(code).toBe(exitCode);
  });
});
