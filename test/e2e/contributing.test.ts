import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { afterAll, expect, it } from "vitest";

import { repository } from "../generator/generator.ts";
import { runProgram } from "../helpers/cli.ts";
import { codeBlocks } from "../helpers/documents.ts";

const folder = mkdtempSync(join(tmpdir(), "wsb-contributing-"));
const copy = join(folder, "wsb-addin");
const project = join(folder, "contoso-ledger");

afterAll(() => rmSync(folder, { recursive: true }));

/** Copies the built repository, without what git and npm keep. */
function copyRepository(): void {
  const left = new Set(["node_modules", ".git", "build"].map((name) => join(repository, name)));
  cpSync(repository, copy, { recursive: true, filter: (source) => !left.has(source) });
  symlinkSync(join(repository, "node_modules"), join(copy, "node_modules"));
}

it("CONTRIBUTING.md leads from a copy of the repository to a project that uses it", async () => {
  copyRepository();
  const block = codeBlocks("CONTRIBUTING.md", "sh").find((code) => code.includes("npm pack"));
  const [setUp, ...rest] = (block ?? "").trim().split("\n");
  // Set up is what this test runs in.
  expect(setUp).toBe("npm run setup");
  const script = ["mkdir build", ...rest, "npm run build"].join("\n");
  const outcome = await runProgram("bash", ["-euo", "pipefail", "-c", script], { cwd: copy });
  expect(outcome.code, outcome.stdout + outcome.stderr).toBe(0);
  const lock: { packages: Record<string, { resolved?: string }> } = JSON.parse(
    readFileSync(join(project, "package-lock.json"), "utf8"),
  );
  const resolved = lock.packages["node_modules/wsb-addin"]?.resolved ?? "";
  expect(basename(resolved)).toBe("wsb-addin-0.1.0.tgz");
  expect(resolved).toMatch(/^file:/u);
});
