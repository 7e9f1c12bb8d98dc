import { freezeJournalPath } from "../../../../src/runtime/writer/journal/freeze-journal.ts";
import { WriterSwitch } from "../../../../src/runtime/writer/switch.ts";
import type { DeedKind } from "../schedule.ts";
import type { WriterWorld } from "../world.ts";
import { WRITER_ID } from "./kit.ts";
import type { Machine } from "../run.ts";

/** Does what somebody does besides. */
export async function perform(world: WriterWorld, machine: Machine, kind: DeedKind): Promise<void> {
  const { disk, note } = world;
  const file = freezeJournalPath(WRITER_ID);
  const bytes = disk.bytesOf(file);
  note(`somebody does: ${kind}`);
  switch (kind) {
    case "end service":
      end(world, ["service"]);
      break;
    case "end guardian":
      end(world, ["guardian"]);
      break;
    case "end both":
      end(world, ["service", "guardian"]);
      break;
    case "stop service":
      await machine.stop();
      machine.start();
      break;
    case "restart machine":
      await machine.stop();
      world.powerCut();
      break;
    case "cut power":
      world.powerCut();
      break;
    case "turn off":
      switchOf(world).turnOff("administrator");
      break;
    case "turn on":
      switchOf(world).turnOn();
      break;
    case "fill disk":
      disk.fill(0);
      break;
    case "free disk":
      disk.fill(Number.MAX_SAFE_INTEGER);
      break;
    case "delete journal":
      disk.remove(file);
      break;
    case "damage journal":
      if (bytes !== undefined)
        disk.setBytes(
          file,
          bytes.map((byte, at) => (at % 7 === 3 ? 0 : byte)),
        );
      break;
    case "bring back journal":
      if (machine.oldJournal !== undefined) disk.setBytes(file, machine.oldJournal);
      machine.oldJournal = bytes;
      break;
  }
}

function end({ processes }: WriterWorld, roles: readonly string[]): void {
  for (const process of processes.running) {
    if (roles.includes(process.role)) processes.end(process, "is killed");
  }
}

function switchOf({ processes, registry }: WriterWorld): WriterSwitch {
  const administrator = processes.start("administrator", -1);
  administrator.isObserver = true;
  const api = registry.of(administrator);
  return new WriterSwitch(api, WRITER_ID);
}

/** Turns the writer on, however it was turned off. */
export function turnOn(world: WriterWorld): void {
  switchOf(world).turnOn();
}
