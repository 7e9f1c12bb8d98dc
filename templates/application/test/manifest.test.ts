import { expect, test } from "vitest";
import { readManifestFile } from "wsb-addin/testing";

const manifest = readManifestFile(new URL("../wsb-addin.json", import.meta.url));

test("the manifest is valid and describes an application without an add-in", () => {
  expect(manifest.addin).toBeUndefined();
});

test("the application has a name in the recovery wizard", () => {
  expect(manifest.applicationIdentifier).not.toBe("");
});
