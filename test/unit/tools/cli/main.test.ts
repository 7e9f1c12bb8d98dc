import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { repository, runNode, type Ended } from "../../../generator/generator.ts";
import { WRITER_ID, minimalFields } from "../../../helpers/manifest.ts";
import { checkOutput } from "../../../helpers/output-schema.ts";

const main = join(repository, "dist/cli/main.js");

interface Case {
  readonly what: string;
  readonly args: readonly string[];
  readonly exitCode: number;
  readonly code: string;
}

const failures: readonly Case[] = [
  {
    what: "an unknown command",
    args: ["frobnicate"],
    exitCode: 2,
    code: "ERR_WSB_INVALID_ARGUMENT",
  },
  {
    what: "an unknown option",
    args: ["build", "--frob"],
    exitCode: 2,
    code: "ERR_WSB_INVALID_ARGUMENT",
  },
  { what: "a missing manifest", args: ["build"], exitCode: 1, code: "ERR_WSB_FILE" },
  {
    what: "a folder that cannot be written",
    args: ["export", "--manifest", "good.json", "--format", "reg", "--out", "good.json/below"],
    exitCode: 1,
    code: "ERR_WSB_FILE",
  },
  {
    what: "a folder that holds something else",
    args: ["shim", "eject", "--out", "."],
    exitCode: 1,
    code: "ERR_WSB_TARGET_EXISTS",
  },
  {
    what: "an icon that is not there",
    args: ["pack", "--icon", "none.ico"],
    exitCode: 1,
    code: "ERR_WSB_FILE",
  },
  {
    what: "a manifest with a problem",
    args: ["build", "--manifest", "bad.json"],
    exitCode: 2,
    code: "ERR_WSB_INVALID_MANIFEST",
  },
];
const withoutLab: Case = {
  what: "a command that needs Windows, without a lab",
  args: ["status", "--writer-id", WRITER_ID],
  exitCode: 1,
  code: "ERR_WSB_LAB",
};

// Starting many processes at the same time is slow.
describe("wsb-addin", { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "wsb-cli-"));
  const run = (...args: readonly string[]): Promise<Ended> => runNode(main, args, folder);

  beforeAll(() => {
    vi.stubEnv("WSB_ADDIN_LAB", join(folder, "no-lab"));
    writeFileSync(join(folder, "bad.json"), "{}");
    writeFileSync(join(folder, "good.json"), JSON.stringify(minimalFields));
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  it.concurrent.each([...failures, ...(process.platform === "win32" ? [] : [withoutLab])])(
    "ends $what with $exitCode and one JSON document",
    async ({ args, exitCode, code }) => {
      const ended = await run(...args, "--json");
      expect(ended.exitCode).toBe(exitCode);
      expect(checkOutput(ended.stdout)).toMatchObject({ ok: false, error: { code } });
    },
  );

  it.concurrent("writes errors to stderr and nothing to stdout without --json", async () => {
    const ended = await run("build");
    expect(ended).toMatchObject({ exitCode: 1, stdout: "" });
    expect(ended.stderr).not.toBe("");
  });

  it.concurrent("lists its commands for --help", async () => {
    const ended = await run("--help");
    expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
    for (const name of [
      "build",
      "register",
      "unregister",
      "status",
      "simulate",
      "export",
      "dsc",
      "cloud",
      "lab",
    ]) {
      expect(ended.stdout).toContain(`  ${name} `);
    }
  });
});
