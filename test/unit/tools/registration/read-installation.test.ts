import { describe, expect, it } from "vitest";

import { readInstallation } from "../../../../src/tools/registration/read-installation.ts";
import { localServerKey, writerKey } from "../../../../src/tools/registration/keys.ts";
import { serverCommand, type Installation } from "../../../../src/tools/registration/plan.ts";
import { encodeString } from "../../../../src/tools/registration/registry-value.ts";
import { FakeRegistry } from "../../../helpers/fakes/fake-registry.ts";
import { CLSID, WRITER_ID } from "../../../helpers/manifest.ts";

function registryWith(command: string): FakeRegistry {
  const api = new FakeRegistry();
  const entries = [
    [writerKey(WRITER_ID), "CLSID", CLSID],
    [localServerKey(CLSID), "", command],
  ] as const;
  for (const [key, name, text] of entries) {
    const { type, data } = encodeString(text);
    api.createRegistryKey(key);
    api.writeRegistryValue(key, name, type, data);
  }
  return api;
}

describe("readInstallation", () => {
  it.each<Installation>([
    { nodeExe: "C:\\a b\\node.exe", serverScript: "C:\\c d\\server.js" },
    { nodeExe: "C:\\a b\\contoso.exe" },
  ])("reads the values of register: %o", (installation) => {
    const api = registryWith(serverCommand(installation));
    expect(readInstallation(api, WRITER_ID)).toStrictEqual(installation);
  });

  it.each(["C:\\a b\\contoso.exe", '"C:\\a.exe" /x', '"C:\\a.exe" "b" "c"', ""])(
    "ignores any other command line: %s",
    (command) => {
      expect(readInstallation(registryWith(command), WRITER_ID)).toBeUndefined();
    },
  );

  it("returns no installation when nothing is registered", () => {
    expect(readInstallation(new FakeRegistry(), WRITER_ID)).toBeUndefined();
  });
});
