/** The writer of the schedules, and the add-ins that its versions have. */
import { Random } from "../../fuzz/random.ts";
import { manifestWith, APP_ID, WRITER_ID } from "../../helpers/manifest.ts";
import { initialKeys } from "../../helpers/fakes/fake-registry.ts";
import type { Manifest } from "../../../src/runtime/manifest/manifest.ts";
import { WRITER_DEFAULTS } from "../../../src/runtime/manifest/writer-settings.ts";
import type { DeclaredWriter, ServiceWriter } from "../../../src/runtime/manifest/writer.ts";
import { bootTaskXml, needsBootTask } from "../../../src/tools/registration/boot-task.ts";
import { APPLICATION_SUPPORT, appIdKey, writerKey } from "../../../src/tools/registration/keys.ts";
import {
  planRegistration,
  type Installation,
  type PlanEntry,
} from "../../../src/tools/registration/plan.ts";
import { encodeString } from "../../../src/tools/registration/registry-value.ts";
import { planService } from "../../../src/tools/registration/writer-service.ts";
import { planDeclared } from "../../../src/tools/writer/declared.ts";
import { writerDocument } from "../../../src/tools/writer/document.ts";
import { sameDocument } from "../../../src/tools/writer/same-document.ts";
import type { Slot, SlotValue } from "../../../src/tools/registration/step.ts";
import { CLSIDS } from "../world.ts";

export interface Variant {
  readonly manifest: Manifest;
  readonly installation: Installation;
  readonly plan: readonly PlanEntry[];
  readonly task: { readonly clsid: string; readonly xml: string } | undefined;
  /** The metadata document of the declared writer; `null` for none. */
  readonly document: string | null;
  /** The service of the writer; `null` for none. */
  readonly service: string | null;
}

/** A declared writer with one component. */
export function declaredWriter(component: string): DeclaredWriter {
  return {
    kind: "declared",
    components: [
      {
        name: component,
        selectable: true,
        selectableForRestore: true,
        files: [{ path: "C:\\Ledger", filespec: "*", recursive: true }],
        dependencies: [],
      },
    ],
    backupSchema: ["copy"],
    restoreMethod: "restoreIfCanReplace",
    exclude: [],
  };
}

/** A writer in a service, with the same component. */
const serviceWriter: ServiceWriter = {
  ...declaredWriter("Ledger"),
  ...WRITER_DEFAULTS,
  kind: "service",
  components: declaredWriter("Ledger").components.map((one) =>
    Object.assign(one, { databaseFiles: [], logFiles: [] }),
  ),
};

function variant(
  addin: Manifest["addin"],
  folder: string,
  writer: Manifest["writer"] = { kind: "external" },
): Variant {
  const services = addin === undefined ? [] : ["Ledger"];
  const manifest = manifestWith({ addin, services, writer });
  // Slashes, so that Linux too finds that there is no such folder.
  const installation = {
    nodeExe: "C:/Program Files/nodejs/node.exe",
    serverScript: `C:/Program Files/${folder}/dist/server.js`,
    ...(writer.kind === "service" && {
      writerScript: `C:/Program Files/${folder}/dist/writer.js`,
    }),
  };
  const task =
    addin !== undefined && needsBootTask(manifest)
      ? { clsid: addin.clsid, xml: bootTaskXml(manifest, installation) }
      : undefined;
  return {
    manifest,
    installation,
    plan: planRegistration(manifest, installation),
    task,
    document: planDeclared(manifest)?.document ?? null,
    service: planService(manifest, installation)?.document ?? null,
  };
}

/**
 * An add-in with a declared writer, the same with another class in another folder without one, an
 * application without an add-in that declares another component, and the first with a writer in a
 * service.
 */
export const variants: readonly Variant[] = [
  variant({ clsid: CLSIDS[0], appId: APP_ID }, "Ledger 1", declaredWriter("Ledger")),
  variant({ clsid: CLSIDS[1], appId: APP_ID }, "Ledger 2"),
  variant(undefined, "Ledger 3", declaredWriter("Books")),
  variant({ clsid: CLSIDS[0], appId: APP_ID }, "Ledger 4", serviceWriter),
];

/** The metadata document that another program registers with the id of this writer. */
export const foreignDocument: string = writerDocument(
  { writerId: WRITER_ID, name: "Fabrikam" },
  declaredWriter("Fabrikam"),
);

/** Tells whether a document is one that no variant declares. */
export function isForeignDocument(document: string): boolean {
  return !variants.some((one) => sameDocument(one.document, document));
}

/** The service that another program has made under the name of this writer's. */
export const foreignService: string = JSON.stringify({
  displayName: "Fabrikam",
  commandLine: '"C:\\Fabrikam\\service.exe"',
});

/** Tells whether a service is one that no variant has. */
export function isForeignService(document: string): boolean {
  return !variants.some((one) => one.service === document);
}

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
  "with an express writer of another program",
] as const;

export type Beginning = (typeof beginnings)[number];

export interface InitialRegistry {
  readonly keys: readonly string[];
  readonly values: readonly SlotValue[];
}

/** Returns what was there before anything was registered. */
export function initialRegistry(beginning: Beginning): InitialRegistry {
  if (beginning === "with Windows Server Backup") {
    return { keys: [...initialKeys, APPLICATION_SUPPORT], values: [] };
  }
  if (beginning !== "with values of another program") return { keys: initialKeys, values: [] };
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
