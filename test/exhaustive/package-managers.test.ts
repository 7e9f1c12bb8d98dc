import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { commandsOf, packageManagers } from "../../generator/choices.ts";
import { runProgram, type CliResult } from "../helpers/cli.ts";
import { publishKit, type PublishedKit } from "../helpers/published-kit.ts";

let folder: string;
let kit: PublishedKit;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "wsb-managers-"));
  kit = await publishKit(folder);
});
afterAll(async () => {
  await kit.registry.close();
  rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  return mkdtempSync(join(folder, "work-"));
}

function npm(
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = kit.environment,
): Promise<CliResult> {
  return runProgram("npm", args, { cwd, env });
}

describe("another package manager", () => {
  const others = packageManagers.filter((name) => name !== "npm");
  const versions: Readonly<Record<string, string>> = {
    pnpm: "9.15.9",
    yarn: "1.22.22",
    bun: "1.2.23",
  };

  it.each(others)(
    "%s installs a project before it is in place, builds and tests it",
    async (name) => {
      const tools = newFolder();
      const installed = await npm(
        ["install", "--prefix", tools, `${name}@${versions[name] ?? ""}`],
        tools,
      );
      expect(installed.code, installed.stderr).toBe(0);
      const cwd = newFolder();
      const env = {
        ...kit.environment,
        HOME: tools,
        PATH: `${join(tools, "node_modules/.bin")}:${process.env["PATH"] ?? ""}`,
        // Bun and Yarn keep their downloads there.
        XDG_CACHE_HOME: tools,
      };
      const flags = ["x", "--yes", "--package-manager", name, "--service", "A", "--install"];
      const created = await npm(["create", "wsb-addin@latest", "--", ...flags], cwd, env);
      expect(created.code, created.stderr).toBe(0);
      const project = join(cwd, "x");
      mkdirSync(join(tools, "tmp"), { recursive: true });
      const { install, run, test } = commandsOf[name];
      // Repeated at the end, because a manager may remember where it installed.
      for (const command of [`${run} build`, test, install]) {
        const [program = "", ...args] = command.split(" ");
        const { code, stdout, stderr } = await runProgram(program, args, { cwd: project, env });
        expect(code, `${command}\n${stdout}${stderr}`).toBe(0);
      }
      expect(existsSync(join(project, "dist/server.js"))).toBe(true);
    },
  );
});
