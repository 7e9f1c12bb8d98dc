import type { FreezePlan } from "../schedule.ts";
import { WriterDispatcher } from "../../../../src/runtime/writer/dispatch.ts";
import type { Freezer } from "../../../../src/runtime/writer/freezer.ts";
import { GuardianLeash } from "../../../../src/runtime/writer/guardian-leash.ts";
import { judgeFreeze } from "../../../../src/runtime/writer/journal/found.ts";
import { readLog } from "../../../../src/base/durable-log/read-log.ts";
import { WriterService } from "../../../../src/runtime/writer/service.ts";
import { WriterSwitch } from "../../../../src/runtime/writer/switch.ts";
import type { WriterHandlers } from "../../../../src/runtime/writer/define-writer.ts";
import type { Process } from "../../machine/processes.ts";
import { THAW_MS, TIMEOUTS_MS, type WriterWorld } from "../world.ts";
import { startGuardian } from "./guardian.ts";
import { noProgram, openJournal, openKit, thawHandler, WRITER_ID } from "./kit.ts";

// What the shim allows a service to stop in.
const STOP_MS = 30_000;

/** A service that Windows has started. */
export interface Service {
  readonly process: Process;
  /** Asks it to stop; resolves when its process has ended. */
  stop(): Promise<void>;
}

/** Starts the writer's service. */
export function startService(world: WriterWorld, freezeOf: (set: string) => FreezePlan): Service {
  const { processes } = world;
  const process = processes.start("service", -1);
  world.service = process;
  const service = openService(world, process, freezeOf);
  world.whenAble(process, 1 + world.random.below(200), () => {
    service.start().catch((error: unknown) => {
      if (process.state === "runs") processes.end(process, `ends: ${String(error)}`);
    });
  });
  const stop = async (): Promise<void> => {
    await service.stop();
    if (process.state === "runs") processes.end(process, "stops");
  };
  return {
    process,
    stop: () =>
      new Promise((resolve) => {
        process.exits.push(resolve);
        if (process.state === "dead") resolve();
        world.whenAble(process, 1, () => void stop());
        world.scheduler.after(STOP_MS, () => processes.end(process, "is ended: it does not stop"));
      }),
  };
}

function mapStack(frames: readonly string[]): readonly string[] {
  return frames;
}

function openService(
  world: WriterWorld,
  process: Process,
  freezeOf: (set: string) => FreezePlan,
): WriterService {
  const { fault, schedule } = world;
  const { clock, after, events, thaw } = openKit(world, process);
  const leash = new GuardianLeash({
    start: (listener) => startGuardian(world, process, listener),
    after,
    onLost: () => freezer.guardianLost(),
  });
  const journal = openJournal(world, process, {
    boot: fault.boot(`boot ${world.boot}`),
    emit: events.emit,
  });
  const read = journal.read.bind(journal);
  journal.read = () => {
    // Somebody may have damaged it since the service began to start.
    world.isUnsure = isUnsure(world, journal.file);
    return read();
  };
  const freezer: Freezer = fault.freezer({
    journal,
    guardian: leash,
    thaw,
    mapStack,
    events,
    clock,
    after,
    freezeMs: TIMEOUTS_MS.freeze,
    frozenMs: THAW_MS,
  });
  const dispatcher = new WriterDispatcher({
    handlers: handlersOf(world, process, freezeOf),
    timeoutsMs: TIMEOUTS_MS,
    freezer,
    events,
    startProcess: noProgram,
    mapStack,
    clock,
    after,
  });
  return new WriterService({
    freezer,
    dispatcher,
    subscribe: (onEvent) => world.vss.subscribe(process, onEvent),
    switch: new WriterSwitch(world.registry.of(process), WRITER_ID),
    events,
    after,
    leaveAfter: schedule.leaveAfter === 0 ? undefined : schedule.leaveAfter,
  });
}

/** Whether a journal does not tell what is frozen. */
function isUnsure(world: WriterWorld, file: string): boolean {
  const observer = world.processes.start("administrator", -1);
  observer.isObserver = true;
  const contents = readLog(file, world.disk.of(observer));
  world.processes.end(observer, "has looked");
  return judgeFreeze(contents, `boot ${world.boot}`).state === "unknown";
}

function handlersOf(
  world: WriterWorld,
  process: Process,
  freezeOf: (set: string) => FreezePlan,
): WriterHandlers {
  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      world.whenAble(process, ms, resolve);
    });
  return {
    thaw: thawHandler(world, process),
    prepareSnapshot: () => wait(1 + world.random.below(50)),
    async freeze({ snapshotSetId }) {
      const { kind, takesMs } = freezeOf(snapshotSetId);
      const beganMs = world.scheduler.now();
      if (kind === "hangs") await new Promise(() => {});
      if (kind === "blocks") world.block(process, takesMs);
      await wait(1);
      if (kind !== "blocks") await wait(takesMs);
      if (kind === "fails") throw new Error("The application refused.");
      await world.processes.later(process, "app.freeze", snapshotSetId, (fault) => {
        if (fault === "error") throw new Error("The application did not answer.");
        world.frozen(process, beganMs);
      });
    },
  };
}
