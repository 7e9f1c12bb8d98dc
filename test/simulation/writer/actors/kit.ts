import type { Clock } from "../../../../src/base/clock.ts";
import type { After } from "../../../../src/runtime/addin/call-handler.ts";
import { textOf } from "../../../../src/runtime/events/definitions.ts";
import { emitTo } from "../../../../src/runtime/events/emit.ts";
import type { HeldEvents } from "../../../../src/runtime/events/held-events.ts";
import {
  FreezeJournal,
  type FreezeJournalOptions,
} from "../../../../src/runtime/writer/journal/freeze-journal.ts";
import { createThaw, type Thaw } from "../../../../src/runtime/writer/thaw.ts";
import type { ThawHandler } from "../../../../src/runtime/writer/define-writer.ts";
import type { Process } from "../../machine/processes.ts";
import { TIMEOUTS_MS, type WriterWorld } from "../world.ts";

export const WRITER_ID = "{CCCCCCCC-0000-4000-8000-000000000003}";

/** The parts that a service and a guardian have in common. */
export interface Kit {
  readonly clock: Clock;
  readonly after: After;
  readonly events: HeldEvents;
  readonly thaw: Thaw;
}

export const noProgram = (): never => {
  throw new Error("No program can be started.");
};

/** The handler `thaw`, which needs nothing of the freeze. */
export function thawHandler(world: WriterWorld, process: Process): ThawHandler {
  return ({ reason }) =>
    world.processes.later(process, "app.thaw", reason, (fault) => {
      if (fault === "error") {
        world.thawFailed();
        throw new Error("The application did not answer.");
      }
      world.thawed(process, reason);
    });
}

export function openKit(world: WriterWorld, process: Process): Kit {
  const { fault } = world;
  const after: After = (ms, ring) => world.whenAble(process, ms, ring);
  const clock: Clock = {
    now: () => world.scheduler.now(),
    wait: (ms) =>
      new Promise((resolve) => {
        world.whenAble(process, ms, resolve);
      }),
  };
  const sink = emitTo((event) =>
    world.processes.now(process, "event.write", textOf(event), (met) => {
      if (met === "error") throw new Error("The disk is full.");
    }),
  );
  const events = fault.events(sink);
  const thaw = createThaw({
    handlers: { thaw: thawHandler(world, process) },
    limitMs: TIMEOUTS_MS.thaw,
    emit: events.emit,
    startProcess: noProgram,
    after,
  });
  return { clock, after, events, thaw };
}

/** Opens the journal of freezes in a process. */
export function openJournal(
  world: WriterWorld,
  process: Process,
  { boot, emit }: Pick<FreezeJournalOptions, "boot" | "emit">,
): FreezeJournal {
  return new FreezeJournal({
    writerId: WRITER_ID,
    makeFolder: () =>
      world.processes.now(process, "disk.folder", "", (met) => {
        if (met === "error") throw Object.assign(new Error("EIO: simulated"), { code: "EIO" });
      }),
    disk: world.disk.of(process),
    boot,
    emit,
  });
}
