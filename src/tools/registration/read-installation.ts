import { localServerKey, writerKey } from "./keys.ts";
import type { Installation } from "./plan.ts";
import type { RegistryApi } from "./registry-api.ts";
import { decodeString } from "./registry-value.ts";
import { readServiceProgram } from "./writer-service.ts";

/** Reads the class of a writer's add-in; `undefined` if it has none. */
export function readClsid(
  api: Pick<RegistryApi, "readRegistryValue">,
  writerId: string,
): string | undefined {
  return decodeString(api.readRegistryValue(writerKey(writerId), "CLSID"));
}

/** Reads the paths of a writer's add-in from the command line for COM; `undefined` if it is not ours. */
function readServer(
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

/** Reads the paths of an application's add-in and of its writer's service; `undefined` for neither. */
export function readInstallation(
  api: Pick<RegistryApi, "readRegistryValue">,
  writerId: string,
): Installation | undefined {
  const server = readServer(api, writerId);
  const service = readServiceProgram(api, writerId);
  return server === undefined ? service : { ...service, ...server };
}
