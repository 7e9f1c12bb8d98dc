import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { repository, runNode, type Ended } from "../generator/generator.ts";
import { minimalFields } from "../helpers/manifest.ts";
import { checkOutput } from "../helpers/output-schema.ts";

const main = join(repository, "dist/cli/main.js");

// Starting many processes at the same time is slow.
describe("wsb-addin export", { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "wsb-export-"));
  const run = (...args: readonly string[]): Promise<Ended> =>
    runNode(main, ["export", ...args], folder);

  beforeAll(() => {
    writeFileSync(join(folder, "wsb-addin.json"), JSON.stringify(minimalFields));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it.concurrent("prints the file, or the removal file with --undo", async () => {
    const [file, undo] = await Promise.all([
      run("--format", "bat"),
      run("--format", "bat", "--undo"),
    ]);
    expect(file).toMatchObject({ exitCode: 0, stderr: "" });
    expect(file.stdout).toMatch(/^@echo off\r\nrem Registers/u);
    expect(undo.stdout).toMatch(/^@echo off\r\nrem Removes/u);
  });

  it.concurrent("writes all files to a folder and lists them", async () => {
    const ended = await run("--format", "reg", "--out", "out", "--json");
    const files = ["contoso-ledger.reg", "contoso-ledger-unregister.reg"].map((name) =>
      join(folder, "out", name),
    );
    expect(checkOutput(ended.stdout)).toMatchObject({ ok: true, format: "reg", files });
    for (const file of files) expect(readFileSync(file, "utf16le")).toContain("Windows Registry");
  });

  it.concurrent("writes the bytes of the file into its JSON document", async () => {
    const document = checkOutput((await run("--format", "ps1", "--json")).stdout);
    expect(document).toMatchObject({ ok: true, fileName: "contoso-ledger.ps1" });
    const content = Buffer.from(String(document["content"]), "base64").toString("utf8");
    expect(content).toMatch(/^\uFEFF#Requires/u);
  });

  it.concurrent.each([
    { what: "an unknown format", args: ["--format", "toml"] },
    { what: "no format", args: [] },
    { what: "a format without a removal file", args: ["--format", "ps1", "--undo"] },
    { what: "a share", args: ["--format", "reg", "--folder", "\\\\server\\share"] },
    { what: "a relative path", args: ["--format", "reg", "--node", "node.exe"] },
    { what: "a property outside an MSI", args: ["--format", "reg", "--folder", "[INSTALLDIR]"] },
  ])("refuses $what with 2", async ({ args }) => {
    const ended = await run(...args);
    expect(ended).toMatchObject({ exitCode: 2, stdout: "" });
    expect(ended.stderr).not.toBe("");
  });

  it.concurrent.each([
    { what: "a missing manifest", args: ["--manifest", "none.json"], errno: "ENOENT" },
    { what: "a folder that is a file", args: ["--out", "wsb-addin.json/below"], errno: "ENOTDIR" },
  ])("reports $what with exit code 1", async ({ args, errno }) => {
    const ended = await run("--format", "reg", "--json", ...args);
    expect(ended.exitCode).toBe(1);
    expect(checkOutput(ended.stdout)).toMatchObject({ error: { code: "ERR_WSB_FILE", errno } });
  });
});
