import { readdirSync } from "node:fs";
import { join } from "node:path";

import { isMissingFile } from "../../base/file-error.ts";
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

/** Lists the writers with a registration record; none where only an administrator could. */
function recordedWriters(): readonly string[] {
  let names: readonly string[];
  try {
    names = readdirSync(join(kitFolder(), "registrations"));
  } catch (error) {
    // Without administrator rights, the event sources tell.
    if (isMissingFile(error) || isDenied(error)) return [];
    throw error;
  }
  const writers = names
    .filter((name) => /\.(?:log|json)$/iu.test(name))
    .map((name) => parseGuid(name.replace(/\.[^.]*$/u, "")));
  return writers.filter((one) => one !== undefined);
}

function isDenied(error: unknown): boolean {
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "EPERM" || code === "EACCES";
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
 */
export function findApplications(
  api: FindApi,
  recorded: () => readonly string[] = recordedWriters,
): readonly FoundApplication[] {
  const all = [...registeredWriters(api), ...recorded()].map((writer) => parseGuid(writer));
  const writers = [...new Set(all.filter((one) => one !== undefined))];
  return writers
    .map((writerId) => {
      const value = api.readRegistryValue(writerKey(writerId), "Application Identifier");
      return { writerId, name: textsOf(value).at(0) ?? writerId };
    })
    .toSorted((one, other) => one.name.localeCompare(other.name));
}
