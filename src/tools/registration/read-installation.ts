import { localServerKey, writerKey } from "./keys.ts";
import type { Installation } from "./plan.ts";
import type { RegistryApi } from "./registry-api.ts";
import { decodeString } from "./registry-value.ts";

/** The class that a writer's add-in is registered as; `undefined` when it has none. */
export function readClsid(
  api: Pick<RegistryApi, "readRegistryValue">,
  writerId: string,
): string | undefined {
  return decodeString(api.readRegistryValue(writerKey(writerId), "CLSID"));
}

/** Where the add-in of a writer is, as COM would start it; `undefined` when there is none of ours. */
export function readInstallation(
  api: Pick<RegistryApi, "readRegistryValue">,
  writerId: string,
): Installation | undefined {
  const clsid = readClsid(api, writerId);
  if (clsid === undefined) return undefined;
  const command = decodeString(api.readRegistryValue(localServerKey(clsid), ""));
  const [, nodeExe, serverScript] = /^"([^"]+)"(?: "([^"]+)")?$/u.exec(command ?? "") ?? [];
  if (nodeExe === undefined) return undefined;
  return serverScript === undefined ? { nodeExe } : { nodeExe, serverScript };
}
