import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { fromWindowsPath } from "../../src/tools/lab/paths.ts";
import { runCli, type CliResult } from "../helpers/cli.ts";
import {
  buildAddin,
  fixtureEntry,
  borrowTestLab,
  type TestAddin,
  type TestLab,
} from "../helpers/lab/test-lab.ts";

const FILE_NAME = "contoso-ledger";
const hasWixl = spawnSync("wixl", ["--version"]).status === 0;
const hasSigning = spawnSync("osslsigncode", ["--version"]).status === 0;

// Shown for skipped tests.
const onDebian = hasSigning
  ? ""
  : " (takes Debian's osslsigncode: node tools/setup.mjs --exhaustive)";

let testLab: TestLab;
let addin: TestAddin;

beforeAll(async () => {
  testLab = borrowTestLab();
  addin = await buildAddin(testLab, "self.ts", { name: "Contoso Ledger" });
});

afterAll(() => testLab.remove());

describe.skipIf(!hasSigning)(`pack --sign${onDebian}`, () => {
  it("signs shim, exe and MSI package, and never shows the password", async () => {
    const password = "correct horse";
    const key = ["-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem"];
    const openssl = (args: readonly string[]): void => {
      const { status, stderr } = spawnSync("openssl", args, {
        cwd: addin.folder,
        encoding: "utf8",
      });
      expect(status, stderr).toBe(0);
    };
    openssl([
      "req",
      "-x509",
      ...key,
      "-subj",
      "/CN=Contoso",
      "-addext",
      "extendedKeyUsage=codeSigning",
    ]);
    const pem = ["-inkey", "key.pem", "-in", "cert.pem", "-out", "cert.pfx"];
    openssl(["pkcs12", "-export", ...pem, "-passout", `pass:${password}`]);
    const node = fromWindowsPath(testLab.lab, testLab.lab.nodeExe);
    const args = ["pack", "--entry", fixtureEntry("self.ts"), "--node", node, "--out", "signed"];
    const sign = [
      "--sign",
      "--certificate",
      "cert.pfx",
      "--format",
      "folder",
      "exe",
      ...(hasWixl ? ["msi"] : []),
    ];
    const signing = (secret: string): Promise<CliResult> =>
      runCli(testLab.labFolder, addin.folder, [...args, ...sign], {
        WSB_ADDIN_SIGN_PASSWORD: secret,
      });

    const wrong = await signing(`not the ${password}`);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain("osslsigncode");
    expect(wrong.stderr).not.toContain(password);
    expect(existsSync(join(addin.folder, "signed", FILE_NAME))).toBe(false);

    const signed = await signing(password);
    expect(signed.code, signed.stderr).toBe(0);
    const programs = [`${FILE_NAME}/wsb-addin.node`, `${FILE_NAME}.exe`];
    const files = [...programs, ...(hasWixl ? [`${FILE_NAME}.msi`] : [])];
    for (const file of files) {
      const verify = ["verify", "-CAfile", "cert.pem", "-in", join("signed", file)];
      const { status, stdout } = spawnSync("osslsigncode", verify, {
        cwd: addin.folder,
        encoding: "utf8",
      });
      expect(status, stdout).toBe(0);
      expect(stdout).toContain("CN=Contoso");
    }
  });
});
