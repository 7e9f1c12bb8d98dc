import { WsbError } from "../../base/errors.ts";
import { parseGuid } from "../../base/guid.ts";
import { ownCommand } from "../../base/own-command.ts";
import type { Manifest } from "../../runtime/manifest/manifest.ts";
import { eventSource } from "../../runtime/events/event-source.ts";
import { planDeclared } from "../writer/declared.ts";
import { describeForeignWriter, type ExpressWriters } from "../writer/express-writers.ts";
import { sameDocument } from "../writer/same-document.ts";
import {
  APPLICATION_SUPPORT,
  appIdKey,
  classKey,
  eventSourceKey,
  localServerKey,
  showKey,
  writerKey,
} from "./keys.ts";
import type { PlanEntry } from "./plan.ts";
import type { Owned } from "./registration-record.ts";
import type { RegistryApi } from "./registry-api.ts";
import { decodeString, sameValue, showValue, textsOf } from "./registry-value.ts";
import { sameSlot, showSlot } from "./step.ts";
import {
  commandLineIn,
  serviceNameOf,
  type ServicePlan,
  type WriterServices,
} from "./writer-service.ts";

/** A conflict with another registration. */
export interface Conflict {
  readonly kind: "identifier" | "writer" | "class" | "source" | "update";
  /** A sentence that names the other program and its registration. */
  readonly text: string;
  /** The option that accepts the conflict; `undefined` if none does. */
  readonly override: "--force" | "--update" | undefined;
}

/** The inputs of the search for conflicts. */
export interface ConflictSearch {
  readonly api: RegistryApi;
  readonly manifest: Manifest;
  readonly plan: readonly PlanEntry[];
  readonly owned: Owned | null;
  readonly writers: Pick<ExpressWriters, "read">;
  readonly services: Pick<WriterServices, "read">;
  /** The service of the manifest's writer; `null` for none. */
  readonly service: ServicePlan | null;
}

const IDENTIFIER = "Application Identifier";

function sameText(a: string, b: string): boolean {
  return a.toUpperCase() === b.toUpperCase();
}

function readText(api: RegistryApi, key: string, name: string): string | undefined {
  return decodeString(api.readRegistryValue(key, name));
}

function unless(writerId: string): string {
  return `. If it is this application under an older id, remove it: ${ownCommand(`unregister --writer-id ${writerId}`)}`;
}

/** An application that has the identifier of another. */
export interface SameIdentifier {
  /** The name of its key. */
  readonly writer: string;
  readonly identifier: string;
}

/**
 * Finds the other writers with an identifier. Nobody knows which types of a value Windows Server
 * Backup reads, so each type for text counts.
 */
export function findSameIdentifier(
  api: Pick<RegistryApi, "readRegistryKey" | "readRegistryValue">,
  writerId: string,
  identifier: string,
): readonly SameIdentifier[] {
  return otherWriters(api, writerId).flatMap((writer) =>
    textsOf(api.readRegistryValue(writerKey(writer), IDENTIFIER))
      .filter((text) => sameText(text, identifier))
      .map((text) => ({ writer, identifier: text })),
  );
}

function otherWriters(
  api: Pick<RegistryApi, "readRegistryKey">,
  writerId: string,
): readonly string[] {
  const writers = api.readRegistryKey(APPLICATION_SUPPORT)?.subkeys ?? [];
  return writers.filter((name) => !sameText(name, writerId));
}

/** Finds other applications with the same identifier; Windows ignores the second one. */
function* otherApplications({ api, manifest }: ConflictSearch): Generator<Conflict> {
  const { writerId, applicationIdentifier } = manifest;
  for (const { writer, identifier } of findSameIdentifier(api, writerId, applicationIdentifier)) {
    yield {
      kind: "identifier",
      override: undefined,
      text: `Writer ${writer} already has the identifier ${JSON.stringify(identifier)}; Windows Server Backup would ignore a second application with this identifier. Choose another applicationIdentifier${unless(writer)}.`,
    };
  }
  for (const name of otherWriters(api, writerId)) {
    const key = writerKey(name);
    if (parseGuid(name) === writerId) {
      yield {
        kind: "writer",
        override: undefined,
        text: `The writer is registered in another spelling as ${showKey(key)}. Remove that key first.`,
      };
    }
    const clsids = textsOf(api.readRegistryValue(key, "CLSID")).map((text) => parseGuid(text));
    if (manifest.addin !== undefined && clsids.includes(manifest.addin.clsid)) {
      const identifier = textsOf(api.readRegistryValue(key, IDENTIFIER)).at(0) ?? "";
      yield {
        kind: "class",
        override: undefined,
        text: `Writer ${name} (${JSON.stringify(identifier)}) already uses class ${manifest.addin.clsid}. Choose another clsid for this add-in${unless(name)}.`,
      };
    }
  }
}

function isOwned(owned: Owned | null, entry: PlanEntry): boolean {
  return owned?.values.some((value) => sameSlot(value, entry)) === true;
}

/** Finds values in this writer's key that another program wrote. */
function* foreignWriter({ api, manifest, plan, owned }: ConflictSearch): Generator<Conflict> {
  const key = writerKey(manifest.writerId);
  for (const entry of plan.filter((one) => one.key === key)) {
    const found = api.readRegistryValue(entry.key, entry.name);
    if (found !== null && !isOwned(owned, entry) && !sameValue(found, entry.value)) {
      yield {
        kind: "writer",
        override: "--force",
        text: `${showSlot(entry)} is already ${showValue(found)}, which wsb-addin did not write. Remove that registration first, or replace it with --force.`,
      };
    }
  }
  const isAddin = plan.some((entry) => entry.key === key && entry.name === "CLSID");
  const clsid = api.readRegistryValue(key, "CLSID");
  const ours = owned?.values.some((value) => sameSlot(value, { key, name: "CLSID" })) === true;
  if (!isAddin && clsid !== null && !ours) {
    yield {
      kind: "writer",
      override: undefined,
      text: `${showKey(key)} has an add-in (CLSID ${showValue(clsid)}) that wsb-addin did not register. Remove that registration first.`,
    };
  }
}

/** Returns whether a key of the plan exists, is not ours, and differs from the plan. */
function isForeign({ api, plan, owned }: ConflictSearch, root: string): boolean {
  const entries = plan.filter(({ key }) => key === root || key.startsWith(`${root}\\`));
  if (!api.hasRegistryKey(root) || entries.some((one) => isOwned(owned, one))) return false;
  return !entries.every((one) => sameValue(api.readRegistryValue(one.key, one.name), one.value));
}

/** Finds a class or AppID of the plan that another program registered. */
function* foreignClass(search: ConflictSearch): Generator<Conflict> {
  const { api, manifest } = search;
  const { addin } = manifest;
  if (addin === undefined) return;
  for (const root of [classKey(addin.clsid), appIdKey(addin.appId)]) {
    if (!isForeign(search, root)) continue;
    const name = readText(api, root, "") ?? "without a name";
    const server = readText(api, localServerKey(addin.clsid), "");
    const what = server === undefined ? name : `${name}, ${server}`;
    yield {
      kind: "class",
      override: "--force",
      text: `${showKey(root)} belongs to another program (${what}). Choose other ids for this add-in, or replace the key with --force.`,
    };
  }
}

/** Finds an event source of the plan that another program registered; one that is not in it is nobody's. */
function* foreignSource(search: ConflictSearch): Generator<Conflict> {
  const key = eventSourceKey(eventSource(search.manifest));
  if (!isForeign(search, key)) return;
  const file = readText(search.api, key, "EventMessageFile") ?? "no message file";
  yield {
    kind: "source",
    override: "--force",
    text: `The event source ${showKey(key)} belongs to another program (${file}). Choose another applicationIdentifier, or replace the key with --force.`,
  };
}

/** Finds an express writer with this id that another program registered. */
function* foreignExpressWriter({ writers, manifest, owned }: ConflictSearch): Generator<Conflict> {
  const declared = planDeclared(manifest);
  if (declared === null) return;
  const found = writers.read(manifest.writerId);
  // One that says the same was registered by wsb-addin, which may have lost its record.
  const own = [null, declared.document, owned?.document ?? null];
  if (own.some((document) => sameDocument(found, document))) return;
  yield {
    kind: "writer",
    override: "--force",
    text: `${describeForeignWriter(manifest.writerId)} Choose another writerId, remove that writer with the program that registered it, or replace it with --force.`,
  };
}

/** Finds a service of this writer's name that another program has made or changed. */
function* foreignService({
  services,
  service,
  manifest,
  owned,
}: ConflictSearch): Generator<Conflict> {
  if (service === null) return;
  const found = services.read(manifest.writerId);
  if (found === null || found === service.document || found === owned?.service) return;
  const name = serviceNameOf(manifest.writerId);
  yield {
    kind: "writer",
    // Nobody could undo the loss of another program's service.
    override: undefined,
    text: `The service ${name} runs ${commandLineIn(found)}, which wsb-addin did not register. If it is a leftover, delete it: sc.exe delete ${name}`,
  };
}

/** Finds our own service that would run something else, which only --update changes. */
function* ownServiceUpdate({ service, owned }: ConflictSearch): Generator<Conflict> {
  if (service === null || owned?.service === undefined) return;
  if (service.document === owned.service) return;
  yield {
    kind: "update",
    override: "--update",
    text: `The writer's service is already registered as ${commandLineIn(owned.service)} and would become ${commandLineIn(service.document)}. Change it with --update.`,
  };
}

/** Finds our own declared writer with other components, which only --update changes. */
function* ownWriterUpdate({ manifest, owned }: ConflictSearch): Generator<Conflict> {
  const declared = planDeclared(manifest);
  const document = owned?.document;
  if (declared === null || document === undefined) return;
  if (sameDocument(document, declared.document)) return;
  yield {
    kind: "update",
    override: "--update",
    text: "The declared writer is already registered with other components. Change it with --update.",
  };
}

/** Finds our own registration with other values, which only --update changes. */
function* ownUpdate({ plan, owned }: ConflictSearch): Generator<Conflict> {
  for (const value of owned?.values ?? []) {
    const entry = plan.find((one) => sameSlot(one, value));
    if (entry !== undefined && !sameValue(entry.value, value.value)) {
      yield {
        kind: "update",
        override: "--update",
        text: `The add-in is already registered with other values: ${showSlot(value)} is ${showValue(value.value)} and would become ${showValue(entry.value)}. Change it with --update.`,
      };
      return;
    }
  }
}

/** Finds all conflicts of a registration; changes nothing. */
export function findConflicts(search: ConflictSearch): readonly Conflict[] {
  return [
    ...otherApplications(search),
    ...foreignWriter(search),
    ...foreignClass(search),
    ...foreignSource(search),
    ...foreignExpressWriter(search),
    ...ownUpdate(search),
    ...ownWriterUpdate(search),
    ...foreignService(search),
    ...ownServiceUpdate(search),
  ];
}

/** @throws {@link WsbError} `ERR_WSB_CONFLICT` with the conflicts that no given option accepts. */
export function assertNoConflict(
  conflicts: readonly Conflict[],
  switches: { readonly force: boolean; readonly update: boolean },
): void {
  const left = conflicts.filter(({ override }) => {
    if (override === "--force") return !switches.force;
    return override !== "--update" || !switches.update;
  });
  if (left.length === 0) return;
  const texts = left.map(({ text }) => text).join("\n");
  throw new WsbError("ERR_WSB_CONFLICT", `Nothing was changed. ${texts}`);
}
