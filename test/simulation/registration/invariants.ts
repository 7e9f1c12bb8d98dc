/** What must always hold, each with its sentence of the issue or of the design. */
import type { RawRegistryValue } from "../../../src/runtime/native/binding.ts";
import type { Condition } from "../../../src/tools/registration/condition.ts";
import type { RegistrationRecord } from "../../../src/tools/registration/registration-record.ts";
import { sameValue, showValue } from "../../../src/tools/registration/registry-value.ts";
import { showSlot, type Slot } from "../../../src/tools/registration/step.ts";
import { sameDocument } from "../../../src/tools/writer/same-document.ts";
import { WRITER_ID } from "../../helpers/manifest.ts";
import { broken, type Check } from "../invariants.ts";
import type { EffectKind, Process } from "../machine/processes.ts";
import type { RegistryChange } from "../machine/registry.ts";
import { CLSIDS } from "../world.ts";
import type { Target, Truth } from "./truth.ts";
import {
  isForeignDocument,
  isForeignService,
  ownKeys,
  slotId,
  slots,
  variants,
} from "./variants.ts";
import type { RegistrationWorld } from "./world.ts";

/** What an ordinary user plants has this in each of its values. */
export const PLANTED = "planted by mallory";

const changes: ReadonlySet<EffectKind> = new Set([
  "disk.write",
  "disk.replace",
  "disk.remove",
  "protected.folder",
  "protected.moveAside",
  "registry.create",
  "registry.write",
  "registry.flush",
  "registry.delete",
  "registry.deleteValue",
  "lock.take",
  "task.create",
  "task.remove",
  "vss.register",
  "vss.unregister",
  "writerService.install",
  "writerService.start",
  "writerService.stop",
  "writerService.delete",
]);

/** Status changes nothing. */
export function looksOnly(by: Process, effect: EffectKind): Check {
  if (by.role !== "status" || !changes.has(effect)) return undefined;
  return broken("status changes nothing", `${by.name} does ${effect}`);
}

/** Only what a plan of the writer can name is ever written or deleted. */
export function isOfThisWriter({ key, name }: RegistryChange): Check {
  const isOwn =
    name === undefined ? ownKeys.has(key.toUpperCase()) : slots.has(slotId({ key, name }));
  if (isOwn) return undefined;
  return broken("only what a plan names is changed", `${key}, ${name ?? "the key"}`);
}

/** Nothing that an ordinary user planted reaches the registry or the task scheduler. */
export function obeysNothingPlanted(data: Uint8Array): Check {
  if (!Buffer.from(data).toString("utf16le").includes(PLANTED)) return undefined;
  return broken("nothing planted is obeyed", "a planted value is written");
}

/** Only its own program removes an express writer, or a command with `--force`. */
export function isOurDocument(document: string): Check {
  if (!isForeignDocument(document)) return undefined;
  return broken("express writers of others stay", "the kit removes one");
}

/** Nobody could give back another program's service: not even `--force` removes it. */
export function isOurService(document: string): Check {
  if (!isForeignService(document)) return undefined;
  return broken("services of others stay", "the kit removes one");
}

/** A registered writer takes part in backups: its service runs when register says that it is done. */
export function serviceRuns({ truth, services }: RegistrationWorld, { variant }: Target): Check {
  const wanted = variant === undefined ? null : (variants[variant]?.service ?? null);
  if (wanted === null || truth.isServiceChanged) return undefined;
  if (services.stateOf(WRITER_ID) === "RUNNING") return undefined;
  return broken("register leaves the service running", "it does not run");
}

function valueNow({ registry }: RegistrationWorld, { key, name }: Slot): RawRegistryValue | null {
  return registry.valueOf(key, name);
}

function plannedBy(target: Target, id: string): RawRegistryValue | undefined {
  const plan = target.variant === undefined ? [] : (variants[target.variant]?.plan ?? []);
  return plan.find((entry) => slotId(entry) === id)?.value;
}

/** Tells how the registry differs from a target; edits of others are not the kit's. */
function differenceOf(world: RegistrationWorld, target: Target): string | undefined {
  const { truth } = world;
  for (const [id, slot] of slots) {
    if (truth.edits.has(id)) continue;
    const now = valueNow(world, slot);
    const planned = plannedBy(target, id);
    const allowed = planned === undefined ? truth.basesOf(id) : [planned];
    if (!allowed.some((one) => sameValue(one, now)))
      return `${showSlot(slot)} is ${showValue(now)}`;
  }
  return (
    keyDifference(world, target) ??
    taskDifference(world, target) ??
    writerDifference(world, target) ??
    serviceDifference(world, target)
  );
}

function documentOf({ variant }: Target): string | null {
  return variant === undefined ? null : (variants[variant]?.document ?? null);
}

function writerDifference(
  { truth, writers }: RegistrationWorld,
  target: Target,
): string | undefined {
  const now = writers.documents.get(WRITER_ID) ?? null;
  const isForeign = now !== null && isForeignDocument(now);
  if (truth.isWriterChanged || isForeign || sameDocument(now, documentOf(target))) return undefined;
  return `the express writer is ${now === null ? "missing" : "there"}`;
}

function serviceDifference(
  { truth, services }: RegistrationWorld,
  { variant }: Target,
): string | undefined {
  const now = services.documents.get(WRITER_ID) ?? null;
  const wanted = variant === undefined ? null : (variants[variant]?.service ?? null);
  const isForeign = now !== null && isForeignService(now);
  if (truth.isServiceChanged || isForeign || now === wanted) return undefined;
  return `the service is ${now === null ? "missing" : "there"}`;
}

/** The marks of restore sessions, which no registration writes. */
function isOfSessions(folded: string): boolean {
  return folded === "SOFTWARE" || folded.startsWith("SOFTWARE\\WSB-ADDIN");
}

function keyDifference(world: RegistrationWorld, target: Target): string | undefined {
  const { truth, initial, registry } = world;
  if (truth.areKeysChanged) return undefined;
  const plan = target.variant === undefined ? [] : (variants[target.variant]?.plan ?? []);
  const wanted = [...initial.keys, ...plan.map(({ key }) => key)].map((key) => key.toUpperCase());
  // A key stays with what somebody else has set in it; what is right there is looked at besides.
  const filled = [...slots.values()].filter((slot) => valueNow(world, slot) !== null);
  const allowed = [...wanted, ...filled.map(({ key }) => key.toUpperCase())];
  for (const path of registry.paths) {
    const folded = path.toUpperCase();
    const isWanted = allowed.some((key) => key === folded || key.startsWith(`${folded}\\`));
    if (!isWanted && !isOfSessions(folded)) return `${path} is there`;
  }
  const missing = wanted.find((key) => !registry.has(key));
  return missing === undefined ? undefined : `${missing} is missing`;
}

function taskDifference(world: RegistrationWorld, target: Target): string | undefined {
  const isWanted = target.hasTask && target.variant !== undefined;
  const wanted = isWanted ? variants[target.variant]?.task : undefined;
  for (const clsid of CLSIDS) {
    const xml = wanted?.clsid === clsid ? wanted.xml : undefined;
    if (world.tasks.xml.get(clsid) !== xml) {
      return `task ${clsid} is ${xml === undefined ? "there" : "missing"}`;
    }
  }
  return undefined;
}

export type RecordNow = RegistrationRecord | "damaged" | undefined;

function isHalfDone(record: RecordNow): boolean {
  return record !== undefined && record !== "damaged" && record.state !== "registered";
}

/** Registered as planned or as before, or a record says that it is half done. */
export function allOrNothing(world: RegistrationWorld, record: RecordNow): Check {
  const { truth } = world;
  if (record === "damaged" && truth.isRecordLost) return undefined;
  const rule = "all or nothing, or on record";
  if (record === "damaged") return broken(rule, "the record is damaged");
  if (isHalfDone(record)) return undefined;
  const isRegistered = record !== undefined;
  const candidates = truth.candidates.filter(
    ({ variant }) => truth.isRecordLost || (variant !== undefined) === isRegistered,
  );
  const differences = candidates.map((target) => differenceOf(world, target));
  truth.narrow(candidates.filter((_, index) => differences[index] === undefined));
  if (truth.isRecordLost || differences.includes(undefined)) return undefined;
  const found = `the record says ${record?.state ?? "nothing"}`;
  return broken(rule, `${found}, and ${differences.join(" or ") || "nobody wanted that"}`);
}

/** Whether a key holds what no registration of the kit has there, such as an edit that was put back. */
export function holdsOfOthers(world: RegistrationWorld, key: string): boolean {
  const { candidates } = world.truth;
  return [...slots].some(([id, slot]) => {
    const now = valueNow(world, slot);
    if (now === null || slot.key.toUpperCase() !== key.toUpperCase()) return false;
    return !candidates.some((target) => sameValue(plannedBy(target, id) ?? null, now));
  });
}

/** What an administrator has set meanwhile stays, unless somebody registers over it. */
export function editsStay(world: RegistrationWorld, record: RecordNow): Check {
  // What a registration that is half done has replaced, its record knows.
  if (isHalfDone(record)) return undefined;
  const { truth } = world;
  for (const [id, value] of truth.edits) {
    const slot = slots.get(id);
    if (slot === undefined) continue;
    const now = valueNow(world, slot);
    if (sameValue(now, value)) continue;
    if (truth.unsure.some((target) => sameValue(plannedBy(target, id) ?? null, now))) {
      truth.edits.delete(id);
      continue;
    }
    return broken(
      "edits are not lost",
      `${showSlot(slot)} was set to ${showValue(value)} and is ${showValue(now)}`,
    );
  }
  return undefined;
}

interface LeftEdits {
  /** What somebody else had set before the command began. */
  readonly edits: Truth["edits"];
  readonly to: Target;
  readonly told: readonly string[];
}

/** What a command leaves of its registration because somebody else has set it, it names. */
export function editsAreNamed(world: RegistrationWorld, { edits, to, told }: LeftEdits): Check {
  const { truth } = world;
  const [from, ...others] = truth.settled;
  if (truth.isRecordLost || from === undefined || others.length > 0) return undefined;
  for (const [id, value] of edits) {
    const slot = slots.get(id);
    const isLeft = plannedBy(from, id) !== undefined && plannedBy(to, id) === undefined;
    const isStanding = truth.edits.get(id) === value;
    if (slot === undefined || value === null || !isLeft || !isStanding) continue;
    const isNamed = told.some((text) => text.includes(showSlot(slot)));
    if (!isNamed) return broken("what stays is named", `${showSlot(slot)} stays without a word`);
  }
  return undefined;
}

/** Status says what is. */
export function statusIsTrue(
  world: RegistrationWorld,
  condition: Condition,
  record: RecordNow,
): Check {
  const rule = "status says what is";
  if (record === "damaged" && condition !== "record damaged") {
    return broken(rule, `the record is damaged, and status says ${condition}`);
  }
  if (isHalfDone(record) && condition !== "half done") {
    return broken(rule, `a command was interrupted, and status says ${condition}`);
  }
  if (condition === "as written" && !isAsWritten(world, record)) {
    return broken(rule, "status says as written, and it is not");
  }
  if (condition === "not registered" && isThere(world)) {
    return broken(rule, "status says not registered, and the writer is there");
  }
  return undefined;
}

function isAsWritten(world: RegistrationWorld, record: RecordNow): boolean {
  const owned = typeof record === "object" && "owned" in record ? record.owned : undefined;
  const now = world.writers.documents.get(WRITER_ID) ?? null;
  const isWriterThere = owned?.document === undefined || sameDocument(now, owned.document);
  const isServiceThere =
    owned?.service === undefined ||
    (world.services.documents.get(WRITER_ID) === owned.service &&
      world.services.stateOf(WRITER_ID) === "RUNNING");
  return (
    isWriterThere &&
    isServiceThere &&
    variants.some(({ plan }) =>
      plan.every((entry) => sameValue(valueNow(world, entry), entry.value)),
    )
  );
}

function isThere(world: RegistrationWorld): boolean {
  return [...slots.values()].some(
    ({ key, name }) => name === "CLSID" && valueNow(world, { key, name }) !== null,
  );
}
