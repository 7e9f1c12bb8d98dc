import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import rootPackage from "../../../../package.json" with { type: "json" };
import { packAddin, type Artifact } from "../../../../src/tools/pack/pack.ts";
import { APP_ID, CLSID, minimalFields } from "../../../helpers/manifest.ts";

let folder = "";

function pack(
  outFolder: string,
  options: Partial<Parameters<typeof packAddin>[0]> = {},
): Promise<readonly Artifact[]> {
  return packAddin({
    manifestFile: join(folder, "wsb-addin.json"),
    entry: join(folder, "addin.ts"),
    outFolder,
    formats: ["folder"],
    payload: "folder",
    downloadFolder: folder,
    product: {},
    ...options,
  });
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wsb-pack-"));
  const manifest = { ...minimalFields, clsid: CLSID, appId: APP_ID };
  writeFileSync(join(folder, "wsb-addin.json"), JSON.stringify(manifest));
  writeFileSync(join(folder, "addin.ts"), "export default { handlers: {} };");
  const shim = join(folder, "native", "build");
  mkdirSync(shim, { recursive: true });
  writeFileSync(join(shim, "wsb-addin.node"), "");
  const fields = { wsbAddinShim: rootPackage.version };
  writeFileSync(join(folder, "native", "package.json"), JSON.stringify(fields));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("packAddin", () => {
  it.each([
    [["exe"], "folder"],
    [["msi"], "exe"],
  ] as const)("refuses a writer in a service in %j with payload %s", async (formats, payload) => {
    const components = [
      { name: "Ledger", files: [{ path: "C:\\L", filespec: "*", recursive: true }] },
    ];
    const writer = { kind: "service", components };
    const manifest = { ...minimalFields, clsid: CLSID, appId: APP_ID, writer };
    writeFileSync(join(folder, "wsb-addin.json"), JSON.stringify(manifest));
    const out = join(folder, "out");
    await expect(pack(out, { formats, payload })).rejects.toMatchObject({
      code: "ERR_WSB_INVALID_ARGUMENT",
    });
    expect(readdirSync(folder)).not.toContain("out");
  });

  it("says what is wrong with a folder that cannot be written, and fetches nothing", async () => {
    const before = readdirSync(folder);

    await expect(pack(join(folder, "addin.ts", "below"))).rejects.toMatchObject({
      code: "ERR_WSB_FILE",
      errno: expect.stringMatching(/^E(?:NOTDIR|EXIST)$/u),
    });
    expect(readdirSync(folder)).toEqual(before);
  });

  it("replaces no folder that is not a packed add-in", async () => {
    const out = join(folder, "out");
    mkdirSync(join(out, "contoso-ledger"), { recursive: true });

    await expect(pack(out)).rejects.toMatchObject({ code: "ERR_WSB_TARGET_EXISTS" });
    expect(readdirSync(out)).toEqual(["contoso-ledger"]);
  });
});
