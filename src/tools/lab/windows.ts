import { spawnSync } from "node:child_process";

import { WsbError } from "../../base/errors.ts";
import { IID } from "../../base/interface-ids.ts";
import { type NativeBinding, loadBinding } from "../../runtime/native/binding.ts";
import { PREBUILT, PROXY_STUB_CLSID } from "./binaries.ts";
import type { MachineLab } from "./lab.ts";

function readProxyStubClsid(binding: NativeBinding): string | undefined {
  const key = `SOFTWARE\\Classes\\Interface\\${IID.restoreSupport}\\ProxyStubClsid32`;
  const value = binding.readRegistryValue(key, "");
  if (value === null) return undefined;
  return Buffer.from(value.data).toString("utf16le").replace(/\0+$/u, "").toUpperCase();
}

function regsvr32(args: readonly string[]): void {
  const { status, error } = spawnSync("regsvr32.exe", ["/s", ...args, PREBUILT.proxyStub]);
  if (status === 0) return;
  throw new WsbError(
    "ERR_WSB_LAB",
    `regsvr32 ${args.join(" ")} "${PREBUILT.proxyStub}" failed (exit code ${String(status)}). Run the command from an elevated prompt.`,
    { cause: error },
  );
}

/** Describes this Windows machine as a lab. */
export function describeMachineLab(): MachineLab {
  return {
    kind: "machine",
    nodeExe: process.execPath,
    proxyStub: PREBUILT.proxyStub,
    service: PREBUILT.service,
    nodeVersion: process.versions.node,
  };
}

/**
 * Registers the proxy/stub if this Windows does not have one. The backup feature of Windows Server
 * brings its own, which stays.
 */
export function machineLabUp(): MachineLab {
  if (readProxyStubClsid(loadBinding()) === undefined) regsvr32([]);
  return describeMachineLab();
}

/** Unregisters the proxy/stub if it is the lab's, and tells whether it was. */
export function machineLabDown(): boolean {
  const isOurs = readProxyStubClsid(loadBinding()) === PROXY_STUB_CLSID;
  if (isOurs) regsvr32(["/u"]);
  return isOurs;
}
