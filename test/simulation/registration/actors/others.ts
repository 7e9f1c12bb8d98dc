/** Who else is on the machine: an administrator, and an ordinary user. */
import { join } from "node:path";

import { createLog } from "../../../../src/base/durable-log/create-log.ts";
import { kitFolder } from "../../../../src/base/program-data.ts";
import { encodeRegistrationRecord } from "../../../../src/tools/registration/registration-record.ts";
import { registrationLock } from "../../../../src/tools/registration/lock.ts";
import { encodeString } from "../../../../src/tools/registration/registry-value.ts";
import { WRITER_ID } from "../../../helpers/manifest.ts";
import { SimulatedDisk } from "../../../helpers/simulated-disk.ts";
import { PLANTED } from "../invariants.ts";
import type { Deed } from "../schedule.ts";
import { foreignDocument, foreignService, slotAt, slotId, variants } from "../variants.ts";
import type { RegistrationWorld } from "../world.ts";

function recordsFolder(): string {
  return join(kitFolder(), "registrations");
}

function recordFile(): string {
  return join(recordsFolder(), `${WRITER_ID}.log`);
}

/** A record that a command would obey, if it came from the kit. */
const plantedRecord = encodeRegistrationRecord({
  state: "registering",
  before: {
    values: variants.flatMap(({ plan }) =>
      plan.map(({ key, name }) => ({ key, name, value: encodeString(PLANTED) })),
    ),
    keys: variants.flatMap(({ plan }) => plan.map(({ key }) => ({ key, existed: true }))),
  },
  tasks: variants.flatMap(({ task }) => (task ? [{ clsid: task.clsid, xml: PLANTED }] : [])),
  previous: null,
});

function logOf(record: object): Buffer {
  const disk = new SimulatedDisk({ random: () => 0 });
  createLog("log", [record], { roomBytes: 0, disk }).close();
  return disk.bytesOf("log");
}

const plantedLog = logOf(plantedRecord);
const plantedJson = Buffer.from(JSON.stringify({ ...plantedRecord, version: 1 }));

const KINDS = 4;

/** What an ordinary user makes before the kit does. */
function plant({ folders }: RegistrationWorld, number: number): void {
  const kind = number % KINDS;
  // A file where the kit's folder belongs.
  if (kind === 0) {
    if (!folders.has(kitFolder())) folders.plantFile(kitFolder(), plantedLog);
    return;
  }
  const [file, bytes] = plantedFile(kind);
  folders.plant([kitFolder(), recordsFolder()], new Map([[file, bytes]]));
}

function plantedFile(kind: number): readonly [file: string, bytes: Buffer] {
  if (kind === 1) return [join(recordsFolder(), `${WRITER_ID}.json`), plantedJson];
  return kind === 2 ? [recordFile(), plantedLog] : [registrationLock(), Buffer.from("{}\n")];
}

function edit({ registry, truth }: RegistrationWorld, { kind, number }: Deed): void {
  const slot = slotAt(number);
  const { key, name } = slot;
  if (!registry.has(key)) return;
  if (kind === "add value") {
    registry.write(key, "Somebody else's", encodeString("stays"));
    truth.areKeysChanged = true;
  } else if (kind === "delete value") {
    if (!registry.deleteValue(key, name)) return;
    // The key may have stayed for this value alone.
    truth.areKeysChanged = true;
    truth.edit(slotId(slot), null);
  } else {
    const value = encodeString(`edited ${number}`);
    registry.write(key, name, value);
    truth.edit(slotId(slot), value);
  }
  registry.flush();
}

function harmRecord(world: RegistrationWorld, number: number): void {
  const bytes = world.disk.bytesOf(recordFile());
  if (bytes === undefined || world.folders.isForeign(recordFile())) return;
  bytes.fill(0, number % bytes.length);
  world.disk.setBytes(recordFile(), bytes);
  world.truth.isRecordLost = true;
}

function deleteFolder({ folders, locks, truth, disk }: RegistrationWorld): void {
  if (locks.isHeldBelow(kitFolder()) || folders.isHeld) return;
  if (disk.filesBelow(recordsFolder()).length > 0) truth.isRecordLost = true;
  folders.removeFolder(kitFolder());
}

/** Another program registers the writer, or an administrator removes it. */
function changeWriter({ writers, truth }: RegistrationWorld, kind: Deed["kind"]): void {
  if (kind === "replace writer") writers.documents.set(WRITER_ID, foreignDocument);
  else writers.documents.delete(WRITER_ID);
  truth.isWriterChanged = true;
}

/** Another program or an administrator stops, removes or replaces the service of the writer. */
function changeService({ services, truth }: RegistrationWorld, kind: Deed["kind"]): void {
  if (kind === "replace service") services.documents.set(WRITER_ID, foreignService);
  if (kind === "remove service") services.documents.delete(WRITER_ID);
  services.running.delete(WRITER_ID);
  truth.isServiceChanged = true;
}

/** Does what somebody else does, once. */
export function perform(world: RegistrationWorld, deed: Deed): void {
  const { folders, disk, tasks, writers } = world;
  world.note(`somebody else: ${deed.kind} ${deed.number}`);
  switch (deed.kind) {
    case "edit value":
    case "delete value":
    case "add value":
      edit(world, deed);
      return;
    case "delete folder":
      deleteFolder(world);
      return;
    case "damage record":
      harmRecord(world, deed.number);
      return;
    case "fill disk":
      disk.fill(0);
      return;
    case "free disk":
      disk.fill(Number.MAX_SAFE_INTEGER);
      return;
    case "stop scheduler":
    case "start scheduler":
      tasks.isRunning = deed.kind === "start scheduler";
      return;
    case "restart machine":
      world.powerCut();
      world.checkWhenQuiet();
      return;
    case "plant folder":
    case "plant folder and hold it":
      plant(world, deed.number);
      folders.isHeld = deed.kind === "plant folder and hold it" && folders.isForeign(kitFolder());
      return;
    case "let go of the folder":
      folders.isHeld = false;
      return;
    case "race for the folder":
      folders.races = 1 + (deed.number % 10);
      return;
    case "replace writer":
    case "remove writer":
      changeWriter(world, deed.kind);
      return;
    case "replace service":
    case "remove service":
    case "stop service":
      changeService(world, deed.kind);
      return;
    case "stop VSS":
    case "start VSS":
      writers.isRunning = deed.kind === "start VSS";
  }
}
