/** The writer of the schedules, and the add-ins that its versions have. */
import { Random } from "../../fuzz/random.ts";
import { manifestWith, APP_ID, WRITER_ID } from "../../helpers/manifest.ts";
import { initialKeys } from "../../helpers/fakes/fake-registry.ts";
import type { Manifest } from "../../../src/runtime/manifest/manifest.ts";
import { bootTaskXml, needsBootTask } from "../../../src/tools/registration/boot-task.ts";
import { APPLICATION_SUPPORT, appIdKey, writerKey } from "../../../src/tools/registration/keys.ts";
import {
  planRegistration,
  type Installation,
  type PlanEntry,
} from "../../../src/tools/registration/plan.ts";
import { encodeString } from "../../../src/tools/registration/registry-value.ts";
import type { Slot, SlotValue } from "../../../src/tools/registration/step.ts";
import { CLSIDS } from "../world.ts";

export interface Variant {
  readonly manifest: Manifest;
  readonly installation: Installation;
  readonly plan: readonly PlanEntry[];
  readonly task: { readonly clsid: string; readonly xml: string } | undefined;
}

function variant(addin: Manifest["addin"], folder: string): Variant {
  const manifest = manifestWith({ addin, services: addin === undefined ? [] : ["Ledger"] });
  // Slashes, so that Linux too finds that there is no such folder.
  const installation = {
    nodeExe: "C:/Program Files/nodejs/node.exe",
    serverScript: `C:/Program Files/${folder}/dist/server.js`,
  };
  const task =
    addin !== undefined && needsBootTask(manifest)
      ? { clsid: addin.clsid, xml: bootTaskXml(manifest, installation) }
      : undefined;
  return { manifest, installation, plan: planRegistration(manifest, installation), task };
}

/** An add-in, the same with another class in another folder, and an application without one. */
export const variants: readonly Variant[] = [
  variant({ clsid: CLSIDS[0], appId: APP_ID }, "Ledger 1"),
  variant({ clsid: CLSIDS[1], appId: APP_ID }, "Ledger 2"),
  variant(undefined, "Ledger 3"),
];

export function slotId({ key, name }: Slot): string {
  return `${key}|${name}`.toUpperCase();
}

/** Everything that a registration of this writer writes. */
export const slots: ReadonlyMap<string, Slot> = new Map(
  variants
    .flatMap(({ plan }) => plan)
    .map(({ key, name }) => [slotId({ key, name }), { key, name }]),
);

/** Every key that a registration of this writer creates. */
export const ownKeys: ReadonlySet<string> = new Set(
  [...slots.values()].flatMap(({ key }) => {
    const parts = key.split("\\");
    return parts.map((_, index) =>
      parts
        .slice(0, index + 1)
        .join("\\")
        .toUpperCase(),
    );
  }),
);

/** The registry before the first command. */
export const beginnings = [
  "clean",
  "with Windows Server Backup",
  "with values of another program",
  "registered by release 0.1.0",
] as const;

export type Beginning = (typeof beginnings)[number];

export interface InitialRegistry {
  readonly keys: readonly string[];
  readonly values: readonly SlotValue[];
}

/** Returns what was there before anything was registered. */
export function initialRegistry(beginning: Beginning): InitialRegistry {
  if (beginning === "clean" || beginning === "registered by release 0.1.0")
    return { keys: initialKeys, values: [] };
  if (beginning === "with Windows Server Backup") {
    return { keys: [...initialKeys, APPLICATION_SUPPORT], values: [] };
  }
  const application = { key: writerKey(WRITER_ID), name: "Application Identifier" };
  const appId = { key: appIdKey(APP_ID), name: "" };
  return {
    keys: [...initialKeys, application.key, appId.key],
    values: [
      { ...application, value: encodeString("Fabrikam") },
      { ...appId, value: encodeString("Fabrikam's application") },
    ],
  };
}

/** Picks a slot that a registration writes. */
export function slotAt(number: number): Slot {
  const all = [...slots.values()];
  return new Random(number).pick(all);
}
