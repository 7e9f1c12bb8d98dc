import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { buildMsi } from "../../src/tools/pack/build-msi.ts";
import {
  writeInstallerSources,
  type InstallerContent,
} from "../../src/tools/pack/msi-installer.ts";
import { describeProduct } from "../../src/tools/pack/product.ts";
import { APP_ID, CLSID, manifestWith } from "../helpers/manifest.ts";

const hasWixl = spawnSync("wixl", ["--version"]).status === 0;
const manifest = manifestWith({ addin: { clsid: CLSID, appId: APP_ID } });
const content: InstallerContent = {
  product: describeProduct(manifest, { version: "1.2.3" }),
  manifest,
  files: ["node.exe", "server.js"],
  program: "node.exe",
  script: "server.js",
  commandLine: "wsb-addin.js",
};

describe.skipIf(!hasWixl)("buildMsi", () => {
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "wsb-msi-"));
    // More than fits into the header's own list of sectors.
    writeFileSync(join(folder, "node.exe"), randomBytes(8_000_000));
    writeFileSync(join(folder, "server.js"), "a server");
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const build = async (): Promise<Buffer> =>
    Buffer.from(await buildMsi(folder, content.files, writeInstallerSources(content)));

  it("gives the same bytes for the same input, and another package code for other input", async () => {
    const first = await build();
    expect(first.length).toBeGreaterThan(8_000_000);
    expect((await build()).equals(first)).toBe(true);
    writeFileSync(join(folder, "server.js"), "A server");
    expect((await build()).equals(first)).toBe(false);
  });

  it("shows the output of the program that failed", async () => {
    const { installer } = writeInstallerSources(content);
    await expect(
      buildMsi(folder, content.files, { installer, registration: "<not xml" }),
    ).rejects.toMatchObject({ code: "ERR_WSB_BUILD" });
  });
});
