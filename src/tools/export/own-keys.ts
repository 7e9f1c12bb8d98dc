import type { Manifest } from "../../runtime/manifest/manifest.ts";
import { eventSource } from "../../runtime/events/event-source.ts";
import type { PlanEntry } from "../registration/plan.ts";

/**
 * The keys that are the registration's alone, because its writer, class or application id or its
 * event source is in their path: what removes a registration may delete these and no others.
 *
 * @returns Last written first, children before parents.
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

/** Of keys, those that are not below another one. */
export function topKeys(keys: readonly string[]): readonly string[] {
  return keys.filter((key) => !keys.some((other) => key.startsWith(`${other}\\`)));
}
