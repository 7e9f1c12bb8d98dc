import { join } from "node:path";

import { SaxesParser } from "saxes";
import { describe, expect, it } from "vitest";

import { msiSteps } from "../../../../src/tools/pack/build-msi.ts";
import {
  requireCarried,
  writeInstallerSources,
  type InstallerContent,
} from "../../../../src/tools/pack/msi-installer.ts";
import { setSummary } from "../../../../src/tools/pack/msi-summary.ts";
import { describeProduct } from "../../../../src/tools/pack/product.ts";
import { APP_ID, CLSID, manifestWith } from "../../../helpers/manifest.ts";

const manifest = manifestWith({
  name: `Contoso & "Größe" $(var.x) <y>`,
  addin: { clsid: CLSID, appId: APP_ID },
});
const content: InstallerContent = {
  product: describeProduct(manifest, { version: "1.2.3", publisher: "A & B" }),
  manifest,
  files: ["node.exe", "server.js"],
  program: "node.exe",
  script: "server.js",
  commandLine: "wsb-addin.js",
};

/** Returns the elements of a document with their attributes. */
function elements(xml: string): readonly { name: string; attributes: Record<string, string> }[] {
  const found: { name: string; attributes: Record<string, string> }[] = [];
  const parser = new SaxesParser();
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name, attributes }) => found.push({ name, attributes }));
  parser.write(xml.replaceAll("$(var.WsbDollar)", () => "$")).close();
  return found;
}

describe("writeInstallerSources", () => {
  const { installer, registration } = writeInstallerSources(content);
  const of = (name: string): readonly Record<string, string>[] =>
    elements(installer).flatMap((one) => (one.name === name ? [one.attributes] : []));

  it("preserves every name", () => {
    expect(of("Product")[0]).toMatchObject({
      Name: manifest.name,
      Version: "1.2.3",
      Manufacturer: "A & B",
    });
  });

  it("installs into a folder that no msiexec command line can change", () => {
    expect(of("Directory").map(({ Id }) => Id)).toEqual([
      "TARGETDIR",
      "ProgramFiles64Folder",
      "InstallFolder",
    ]);
  });

  it("never lets an exe decide whether the files are installed", () => {
    expect(of("File").map(({ Name, KeyPath }) => [Name, KeyPath])).toEqual([
      ["server.js", "yes"],
      ["node.exe", undefined],
    ]);
  });

  it("creates the files' folders", () => {
    const nested = writeInstallerSources({
      ...content,
      files: ["a/b/c.txt", "a/d.dll", "node.exe"],
    }).installer;
    const directories: string[] = [];
    const files: string[] = [];
    const parser = new SaxesParser();
    parser.on("opentag", ({ name, attributes }) => {
      if (name === "Directory") directories.push(attributes["Name"] ?? "");
      if (name === "File") files.push([...directories.slice(2), attributes["Name"]].join("/"));
    });
    parser.on("closetag", ({ name }) => {
      if (name === "Directory") directories.pop();
    });
    parser.write(nested).close();
    const folder = content.product.folderName;
    expect(files.toSorted()).toEqual(
      ["a/b/c.txt", "a/d.dll", "node.exe"].map((file) => `${folder}/${file}`).toSorted(),
    );
    const ids = new Set(elements(nested).map(({ attributes }) => attributes["Id"]));
    const components = elements(nested).filter(({ name }) => name === "Component");
    expect(components.every(({ attributes }) => ids.has(attributes["Id"]))).toBe(true);
    expect(new Set(components.map(({ attributes }) => attributes["Guid"])).size).toBe(3);
    expect(elements(nested).filter(({ name }) => name === "ComponentRef")).toHaveLength(3);
  });

  it.each([
    ["wsb-addin.js", '"[InstallFolder]wsb-addin.js" '],
    [undefined, ""],
  ])("makes and removes the start-up task of an add-in with services: %s", (commandLine, run) => {
    const services = { ...manifest, services: ["ContosoLedger"] };
    const source = elements(
      writeInstallerSources({ ...content, manifest: services, commandLine }).installer,
    );
    const named = (name: string): unknown[] =>
      source.flatMap((one) => (one.name === name ? [one.attributes] : []));
    const program = source.find(({ attributes }) => attributes["Name"] === "node.exe");
    const asSystem = { FileKey: program?.attributes["Id"], Impersonate: "no" };
    expect(named("CustomAction")).toMatchObject([
      { ...asSystem, ExeCommand: `${run}recover --before-change`, Return: "check" },
      { ...asSystem, ExeCommand: `${run}boot-recovery on`, Execute: "deferred", Return: "ignore" },
      { ...asSystem, ExeCommand: `${run}boot-recovery off`, Execute: "deferred", Return: "ignore" },
    ]);
    expect(named("Custom")).toMatchObject([
      { Action: "RefuseDuringRestore", Sequence: "1510" },
      { Action: "BootRecoveryOff", Sequence: "3400" },
      { Action: "BootRecoveryOn", Sequence: "6500" },
    ]);
    expect(of("CustomAction").map(({ Id }) => Id)).toEqual(["RefuseDuringRestore"]);
  });

  it("fails to replace an older version that refuses its removal", () => {
    // Windows Installer goes on only with IgnoreRemoveFailure; Wine always does.
    expect(of("MajorUpgrade")[0]).not.toHaveProperty("IgnoreRemoveFailure");
    expect(of("Custom")[0]?.["Sequence"]).toBe("1510");
  });

  it("runs nothing for an application without an add-in", () => {
    const alone = writeInstallerSources({
      ...content,
      manifest: manifestWith({ addin: undefined }),
    });
    expect(alone.installer).not.toContain("CustomAction");
  });

  it("registers the installed add-in", () => {
    const values = elements(registration).map(({ attributes }) => attributes["Value"]);
    expect(values).toContain('"[InstallFolder]node.exe" "[InstallFolder]server.js"');
    const { registration: alone } = writeInstallerSources({ ...content, script: undefined });
    expect(elements(alone).map(({ attributes }) => attributes["Value"])).toContain(
      '"[InstallFolder]node.exe"',
    );
  });

  it("gives every version its own code, and other files another component", () => {
    const other = writeInstallerSources({
      ...content,
      product: describeProduct(manifest, { version: "1.2.4" }),
    });
    const codes = [installer, other.installer].map(
      (xml) => elements(xml).find(({ name }) => name === "Product")?.attributes,
    );
    expect(codes[0]?.["Id"]).not.toBe(codes[1]?.["Id"]);
    expect(codes[0]?.["UpgradeCode"]).toBe(codes[1]?.["UpgradeCode"]);
    const [component] = of("Component");
    const more = writeInstallerSources({ ...content, files: [...content.files, "more.txt"] });
    expect(more.installer).not.toContain(component?.["Guid"]);
  });
});

describe("requireCarried", () => {
  it("refuses text that wixl would lose, but nothing on Windows", () => {
    const far = { ...manifest, applicationIdentifier: "台帳" };
    expect(() => requireCarried(far, content.product, "linux")).toThrow(
      expect.objectContaining({ code: "ERR_WSB_INVALID_ARGUMENT" }),
    );
    expect(() => requireCarried(far, content.product, "win32")).not.toThrow();
    expect(() => requireCarried(manifest, content.product, "linux")).not.toThrow();
  });
});

function onPath(name: string): string {
  return `on-path/${name}`;
}

function programs(wix: string | undefined): readonly string[] {
  return msiSteps({ find: onPath, platform: "win32", wix }).map(({ program }) => program);
}

describe("msiSteps", () => {
  const missing = expect.objectContaining({ code: "ERR_WSB_BUILD" });

  it.each<NodeJS.Platform>(["linux", "win32"])("says what to install on %s", (platform) => {
    expect(() => msiSteps({ find: () => undefined, platform, wix: undefined })).toThrow(missing);
  });

  it("finds the WiX Toolset on the PATH or by its variable", () => {
    expect(programs(undefined)).toEqual(["on-path/candle.exe", "on-path/light.exe"]);
    expect(programs("wix")).toEqual([
      join("wix", "bin", "candle.exe"),
      join("wix", "bin", "light.exe"),
    ]);
  });
});

describe("setSummary", () => {
  it.each([Buffer.alloc(0), Buffer.from("not a compound file"), Buffer.alloc(4096)])(
    "refuses a file that is not an MSI package",
    (bytes) => {
      expect(() => setSummary(bytes, CLSID)).toThrow();
    },
  );
});
