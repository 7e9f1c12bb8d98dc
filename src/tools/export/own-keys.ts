import type { Manifest } from "../../runtime/manifest/manifest.ts";
import { eventSource } from "../../runtime/events/event-source.ts";
import type { PlanEntry } from "../registration/plan.ts";

/**
 * Returns the keys that belong only to this registration: their path contains its writer id, class
 * id, application id or event source. Removing a registration may delete only these keys.
 *
 * @returns The keys in reverse order of writing, children before parents.
 */
export function ownKeys(plan: readonly PlanEntry[], manifest: Manifest): readonly string[] {
  const { addin, writerId } = manifest;
  const ids = new Set([writerId]);
  if (addin !== undefined) {
    for (const id of [addin.clsid, addin.appId, eventSource(manifest)]) ids.add(id.toUpperCase());
  }
  const own = plan
    .map(({ key }) => key)
    .filter((key) => key.split("\\").some((part) => ids.has(part.toUpperCase())));
  const ordered: string[] = [];
  for (const key of new Set(own.toReversed())) {
    const parent = ordered.findIndex((other) => key.startsWith(`${other}\\`));
    ordered.splice(parent === -1 ? ordered.length : parent, 0, key);
  }
  return ordered;
}

/** Returns the keys that are not below another key of the list. */
export function topKeys(keys: readonly string[]): readonly string[] {
  return keys.filter((key) => !keys.some((other) => key.startsWith(`${other}\\`)));
}
