import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addManifestAnswers } from "../../generator/existing-project.ts";
import { readFlags } from "../../generator/flags.ts";

const usage = { code: "ERR_WSB_INVALID_ARGUMENT" };

describe("the command line", () => {
  it.each([
    ["an unknown flag", ["--frobnicate"], "--frobnicate"],
    ["a flag without its value", ["--name"], "--name"],
    ["a value for a flag without a value", ["--yes=please"], "--yes"],
    ["two folders", ["a", "b"], "[dir]"],
    ["two folders, one as a flag", ["a", "--dir", "b"], "[dir]"],
    ["an installation into an existing project", [".", "--merge", "--install"], "--install"],
    ["a repository around an existing project", [".", "--merge", "--git"], "--git"],
  ])("refuses %s, and names the flag", (_what, args, flag) => {
    expect(() => readFlags(args)).toThrow(expect.objectContaining(usage));
    expect(() => readFlags(args)).toThrow(flag);
  });

  it("takes handlers one by one or in a list, and services one by one", () => {
    const args = ["--handler", "preRestore, postRestore", "--handler", "orderComponents"];
    const dotnet = ["--dotnet", "preRestore", "--dotnet=postRestore ,orderComponents"];
    const { given } = readFlags([...args, ...dotnet, "--service", "A,B", "--service", "C"]);
    expect(given.dotnet).toEqual(["preRestore", "postRestore", "orderComponents"]);
    expect(given.handlers).toEqual(["preRestore", "postRestore", "orderComponents"]);
    expect(given.services).toEqual(["A,B", "C"]);
  });

  it.each([["--yes"], ["-y"], ["--json"], ["--dry-run"]])("with %s asks nothing", (flag) => {
    expect(readFlags([flag]).askNothing).toBe(true);
    expect(readFlags([]).askNothing).toBe(false);
  });

  it("can also answer a question with no", () => {
    expect(readFlags(["--no-install", "--git"]).given).toMatchObject({ install: false, git: true });
    expect(readFlags([]).given).toMatchObject({ install: undefined, git: undefined });
  });
});

describe("an existing manifest", () => {
  const writerId = "{CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}";
  const application = { name: "Ledger", writerId, applicationIdentifier: "L" };
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "wsb-existing-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function withManifest(manifest: object): void {
    writeFileSync(join(folder, "wsb-addin.json"), JSON.stringify(manifest));
  }

  it("gives its identity to added parts", () => {
    withManifest({ ...application, clsid: writerId, appId: writerId, services: ["A"] });
    expect(addManifestAnswers({ folder, ci: "none" }, folder)).toEqual({
      folder,
      ci: "none",
      kind: "add-in",
      name: "Ledger",
      identifier: "L",
      writer: "external",
      writerId,
      clsid: writerId,
      appId: writerId,
      services: ["A"],
    });
  });

  it("may describe an application without an add-in", () => {
    withManifest(application);
    expect(addManifestAnswers({}, folder)).toMatchObject({ kind: "application", writerId });
  });

  it("may have a writer of the kit", () => {
    const files = [{ path: String.raw`D:\Ledger`, filespec: "*", recursive: true }];
    const writer = { kind: "service", components: [{ name: "Ledger", files }] };
    withManifest({ ...application, writer });
    expect(addManifestAnswers({}, folder)).toMatchObject({ writer: "service", writerId });
  });

  it("must not be contradicted by a flag", () => {
    withManifest(application);
    for (const [key, flag] of [
      ["writerId", "--writer-id"],
      ["services", "--service"],
      ["kind", "--kind"],
      ["writer", "--writer"],
      ["files", "--files"],
    ] as const) {
      const add = (): unknown => addManifestAnswers({ [key]: "x" }, folder);
      expect(add).toThrow(expect.objectContaining(usage));
      expect(add).toThrow(flag);
    }
  });

  it("is refused when it is not valid", () => {
    withManifest({ name: "Ledger" });
    expect(() => addManifestAnswers({}, folder)).toThrow(
      expect.objectContaining({ code: "ERR_WSB_INVALID_MANIFEST" }),
    );
  });
});
