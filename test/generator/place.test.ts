import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { GivenAnswers } from "../../generator/answers.ts";
import { findPlace } from "../../generator/place.ts";
import { scaffold } from "./generator.ts";
import { age, generate, newFolder, read, upgrade } from "./project-bed.ts";

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** A repository with these files. */
function repositoryWith(files: Readonly<Record<string, string>> = {}): string {
  const folder = newFolder();
  mkdirSync(join(folder, ".git"));
  write(folder, files);
  return folder;
}

async function create(root: string, given: GivenAnswers = {}): Promise<string> {
  return (await scaffold({ folder: "apps/my ledger", name: "Ledger", ...given }, root)).folder;
}

function listOf(...patterns: readonly string[]): string {
  return JSON.stringify({ workspaces: patterns });
}

describe("a project below the root of a repository", () => {
  it("has GitHub's workflow at the root, with its folder and its lock file", async () => {
    const root = repositoryWith();
    const project = await create(root);
    expect(existsSync(join(project, ".github"))).toBe(false);
    const text = read(root, ".github/workflows/ledger.yml");
    expect(text).toContain("Commit apps/my ledger/package-lock.json,");
    const { defaults, jobs } = parse(text);
    expect(defaults).toEqual({ run: { "working-directory": "apps/my ledger" } });
    const paths = [...jobs.build.steps, ...jobs.windows.steps].flatMap(
      (step: { with?: { path?: string } }) => step.with?.path ?? [],
    );
    expect(paths).toEqual(["apps/my ledger/dist", "apps/my ledger/dist", "apps/my ledger/packed"]);
  });

  it("has Azure's pipeline in its folder, where each of the project's steps runs", async () => {
    const project = await create(repositoryWith(), { ci: "azure" });
    const { jobs } = parse(read(project, "azure-pipelines.yml"));
    const steps: readonly Record<string, unknown>[] = jobs.flatMap(
      ({ steps: all }: { steps: [] }) => all,
    );
    const run = steps.filter((step) => "script" in step || "pwsh" in step);
    expect(run.length).toBeGreaterThan(6);
    for (const step of run) expect(step).toMatchObject({ workingDirectory: "apps/my ledger" });
    expect(steps).toContainEqual({ publish: "apps/my ledger/dist", artifact: "add-in" });
  });

  it("gets a workflow later at the same place, and its updates", async () => {
    const root = repositoryWith();
    const project = await create(root, { ci: "none" });
    const path = "../../.github/workflows/ledger-addin.yml";
    write(project, { "package.json": '{"name":"ledger-addin"}' });
    const { created } = await generate(project, { kind: "ci", name: "github" });
    expect(created).toEqual([path]);
    const text = read(project, path);
    age(project, path);
    expect((await upgrade(project)).changed.map((change) => change.path)).toEqual([path]);
    expect(read(project, path)).toBe(text);
  });

  it("never replaces a workflow of the repository", async () => {
    const root = repositoryWith({ ".github/workflows/ledger.yml": "mine" });
    const project = await create(root, { ci: "none" });
    write(project, { "package.json": '{"name":"ledger"}' });
    await expect(generate(project, { kind: "ci", name: "github" })).rejects.toMatchObject({
      code: "ERR_WSB_TARGET_EXISTS",
    });
    expect(readFileSync(join(root, ".github/workflows/ledger.yml"), "utf8")).toBe("mine");
  });

  it("has no workflow when its folder's name would be an expression there", async () => {
    const root = repositoryWith();
    const project = await create(root, { folder: "a ${{ github.token }}" });
    expect(existsSync(join(root, ".github"))).toBe(false);
    await expect(generate(project, { kind: "ci", name: "azure" })).rejects.toMatchObject({
      code: "ERR_WSB_INVALID_ARGUMENT",
      message: expect.stringContaining("Rename the folder"),
    });
  });
});

it("a project at the root of its repository has its workflow there", async () => {
  const root = repositoryWith();
  const { folder } = await scaffold({ folder: root, name: "Ledger" }, root);
  const text = read(folder, ".github/workflows/ci.yml");
  expect(text).toContain("Commit package-lock.json,");
  expect(parse(text).defaults).toBeUndefined();
});

describe("a workspace", () => {
  it.each([
    ["npm", { "package.json": listOf("apps/*"), "package-lock.json": "" }, "package-lock.json"],
    [
      "yarn",
      { "package.json": `{"workspaces":{"packages":["./apps/x/"]}}`, "yarn.lock": "" },
      "yarn.lock",
    ],
    [
      "pnpm",
      { "pnpm-workspace.yaml": `packages:\n  - "apps/**" # all\n`, "pnpm-lock.yaml": "" },
      "pnpm-lock.yaml",
    ],
  ])("of %s has the package manager and the lock file for a project", async (name, files, lock) => {
    const root = repositoryWith(files);
    const answers = await scaffold({ folder: "apps/x", install: true }, root);
    expect(answers).toMatchObject({ packageManager: name, lockFile: lock, install: false });
    expect(answers.place.workspace?.missingPattern).toBeUndefined();
  });

  it("that does not list the project is named", () => {
    const root = repositoryWith({ "js/package.json": listOf("lib/*", "*", "apps/*/inner") });
    expect(findPlace(join(root, "js/apps/x"))).toMatchObject({
      projectPath: "js/apps/x",
      workspace: { listFile: "js/package.json", missingPattern: "apps/x" },
    });
  });

  it("above the repository is not the project's", () => {
    const outer = newFolder();
    write(outer, { "package.json": listOf("**") });
    mkdirSync(join(outer, "repository/.git"), { recursive: true });
    expect(findPlace(join(outer, "repository/x")).workspace).toBeUndefined();
  });
});
