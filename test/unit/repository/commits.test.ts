import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { repository } from "../../generator/generator.ts";

const FIRST = "Begin";
// Without the user's own settings and outside of any other repository.
const environment = {
  ...process.env,
  HOME: tmpdir(),
  XDG_CONFIG_HOME: tmpdir(),
  GIT_DIR: undefined,
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CEILING_DIRECTORIES: tmpdir(),
  ...Object.fromEntries(
    ["AUTHOR", "COMMITTER"].flatMap((who) => [
      [`GIT_${who}_NAME`, "Contoso"],
      [`GIT_${who}_EMAIL`, "contoso@example.com"],
    ]),
  ),
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wsb-commits-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function git(...args: readonly string[]): string {
  return execFileSync("git", args, { cwd: folder, env: environment, encoding: "utf8" }).trim();
}

function commit(...subjects: readonly string[]): void {
  for (const subject of subjects) git("commit", "--quiet", "--allow-empty", "--message", subject);
}

/** Makes a repository of these commits and one before them. */
function makeRepository(...subjects: readonly string[]): string {
  git("init", "--quiet");
  commit(FIRST);
  const first = git("rev-parse", "HEAD");
  commit(...subjects);
  return first;
}

function check(since: string, cwd = folder): { readonly code: unknown; readonly stdout: string } {
  const args = [join(repository, "tools/check-commits.mjs"), since];
  const options = { cwd, env: environment, encoding: "utf8" } as const;
  const { status, stdout } = spawnSync(process.execPath, args, options);
  return { code: status, stdout };
}

describe("the check of commits", () => {
  it("accepts Conventional Commits of at most 72 characters", () => {
    const first = makeRepository(
      "fix(native): return RPC_E_DISCONNECTED after shutdown",
      "refactor(src/tools)!: one type for a component",
      `docs: ${"x".repeat(66)}`,
    );
    expect(check(first)).toEqual({ code: 0, stdout: "Checked the commits' subjects: 3.\n" });
  });

  it.each([
    "Return RPC_E_DISCONNECTED after shutdown",
    "fix(native) return RPC_E_DISCONNECTED",
    "fixes(native): return RPC_E_DISCONNECTED",
    "fix(native): return RPC_E_DISCONNECTED.",
    `docs: ${"x".repeat(67)}`,
  ])("reports a subject such as %j", (subject) => {
    const { code, stdout } = check(makeRepository("fix: one", subject, "fix: two"));
    expect(code).toBe(1);
    expect(stdout.split("\n").filter((line) => /^\w/u.test(line))).toEqual([
      expect.stringContaining(subject),
    ]);
  });

  it("checks the commits of a shallow clone", () => {
    const first = makeRepository("fix: one", "Two", "Three");
    const clone = join(folder, "clone");
    git("clone", "--quiet", "--depth", "1", `file://${folder}`, clone);
    const { code, stdout } = check(first, clone);
    expect([code, stdout]).toEqual([1, expect.stringContaining("Three")]);
    expect(stdout).not.toContain("Two");
  });

  it("reports that it skips a missing or different history", () => {
    const skipped = { code: 0, stdout: expect.stringMatching(/^Skipped/u) };
    expect(check("2e17d83")).toEqual(skipped);
    makeRepository("Two");
    expect(check("2e17d83")).toEqual(skipped);
  });
});
