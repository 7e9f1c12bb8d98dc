import { existsSync } from "node:fs";

import { IID } from "../../../base/interface-ids.ts";
import type { NativeBinding } from "../../../runtime/native/binding.ts";
import { classKey } from "../../registration/keys.ts";
import { textsOf } from "../../registration/registry-value.ts";
import { ok, type Finding, type MachineCheck } from "../check.ts";

const interfaces: readonly (readonly [name: string, iid: string])[] = [
  ["IWsbApplicationBackupSupport", IID.backupSupport],
  ["IWsbApplicationRestoreSupport", IID.restoreSupport],
  ["IWsbApplicationAsync", IID.async],
];

/** The marshalling code of an interface. */
export interface Marshalling {
  readonly name: string;
  /** The class of its proxy and stub; `undefined` if none is registered. */
  readonly clsid: string | undefined;
  /** The library of that class; `undefined` if none is registered. */
  readonly library: string | undefined;
  readonly exists: boolean;
}

/** Decides whether calls of all interfaces can cross processes. */
export function judgeMarshalling(all: readonly Marshalling[]): Finding {
  const problems = all.flatMap(({ name, clsid, library, exists }) => {
    if (clsid === undefined) return [`${name} has no proxy and stub.`];
    if (library === undefined) return [`${name} has the proxy ${clsid}, which has no library.`];
    return exists ? [] : [`${name} has the proxy ${clsid}, whose library ${library} is missing.`];
  });
  if (problems.length === 0) return ok("All three interfaces have a proxy and stub.");
  return {
    verdict: "fail",
    found: problems.join("\n"),
    advice:
      "Install the feature Windows Server Backup, which brings them. In the lab, run: wsb-addin lab up",
  };
}

function expand(path: string, windows: string): string {
  const expanded = path.replaceAll(/%(?:SystemRoot|windir)%/giu, () => windows);
  // COM searches the system folder for a name without a path.
  return /[\\/]/u.test(expanded) ? expanded : `${windows}\\System32\\${expanded}`;
}

function readMarshalling(
  api: Pick<NativeBinding, "readRegistryValue" | "knownFolders">,
  [name, iid]: (typeof interfaces)[number],
): Marshalling {
  const key = `SOFTWARE\\Classes\\Interface\\${iid}\\ProxyStubClsid32`;
  const clsid = textsOf(api.readRegistryValue(key, "")).at(0);
  const server = clsid && api.readRegistryValue(`${classKey(clsid)}\\InProcServer32`, "");
  const library = textsOf(server || null).at(0);
  const exists = library !== undefined && existsSync(expand(library, api.knownFolders().windows));
  return { name, clsid, library, exists };
}

export const proxyStubCheck: MachineCheck = {
  id: "proxy-stub",
  title: "Interfaces can be called between processes",
  why: "Without its proxy and stub, each call of an interface fails with E_NOINTERFACE, though the add-in has it.",
  about: "machine",
  run: ({ api }) => judgeMarshalling(interfaces.map((one) => readMarshalling(api, one))),
};
