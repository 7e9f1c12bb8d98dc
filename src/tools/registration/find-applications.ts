import { readdirSync } from "node:fs";
import { join } from "node:path";

import { isDeniedFile, isMissingFile } from "../../base/file-error.ts";
import { parseGuid } from "../../base/guid.ts";
import { kitFolder } from "../../base/program-data.ts";
import { eventSource } from "../../runtime/events/event-source.ts";
import { APPLICATION_SUPPORT, eventSourceKey, writerKey } from "./keys.ts";
import type { RegistryApi } from "./registry-api.ts";
import { textsOf } from "./registry-value.ts";

/** An application that the kit registered on this machine. */
export interface FoundApplication {
  readonly writerId: string;
  /** The identifier, or the writer's id if there is none. */
  readonly name: string;
}

/** The part of the shim that looks for applications. */
export type FindApi = Pick<RegistryApi, "hasRegistryKey" | "readRegistryKey" | "readRegistryValue">;

function listRecords(): readonly string[] {
  return readdirSync(join(kitFolder(), "registrations"));
}

/** Lists what has a registration record; nothing where only an administrator could. */
function recordedWriters(list: () => readonly string[]): readonly string[] {
  let names: readonly string[];
  try {
    names = list();
  } catch (error) {
    // Without administrator rights, the event sources tell.
    if (isMissingFile(error) || isDeniedFile(error)) return [];
    throw error;
  }
  return names
    .filter((name) => /\.(?:log|json)$/iu.test(name))
    .map((name) => name.replace(/\.[^.]*$/u, ""));
}

/** Every add-in of the kit has an event source, which names the kit. */
function hasEventSource(api: FindApi, writerId: string, identifier: string): boolean {
  const source = eventSource({ applicationIdentifier: identifier, writerId });
  return api.hasRegistryKey(eventSourceKey(source));
}

function registeredWriters(api: FindApi): readonly string[] {
  const keys = api.readRegistryKey(APPLICATION_SUPPORT)?.subkeys ?? [];
  return keys.filter((key) => {
    const writerId = parseGuid(key);
    const [name] = textsOf(api.readRegistryValue(writerKey(key), "Application Identifier"));
    if (writerId === undefined || name === undefined) return false;
    return hasEventSource(api, writerId, name);
  });
}

/**
 * Finds the applications that the kit registered, without a manifest: those with a registration
 * record, and those with an event source of the kit, as exports and packages write it too.
 *
 * @param list Returns the names of the files with the records.
 */
export function findApplications(
  api: FindApi,
  list: () => readonly string[] = listRecords,
): readonly FoundApplication[] {
  const all = [...registeredWriters(api), ...recordedWriters(list)].map((writer) =>
    parseGuid(writer),
  );
  const writers = [...new Set(all.filter((one) => one !== undefined))];
  return writers
    .map((writerId) => {
      const value = api.readRegistryValue(writerKey(writerId), "Application Identifier");
      return { writerId, name: textsOf(value).at(0) ?? writerId };
    })
    .toSorted((one, other) => one.name.localeCompare(other.name));
}
