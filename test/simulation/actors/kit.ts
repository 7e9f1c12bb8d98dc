import type { Clock } from "../../../src/base/clock.ts";
import type { AddinEvent } from "../../../src/runtime/events/definitions.ts";
import type { Emit } from "../../../src/runtime/events/emit.ts";
import type { Living } from "../../../src/runtime/restore/abandoned.ts";
import type { SessionMachine } from "../../../src/runtime/restore/close-session.ts";
import { holdersOn } from "../../../src/runtime/restore/holders.ts";
import { MachineJournal } from "../../../src/runtime/restore/journal/machine-store.ts";
import type { SessionSettings } from "../../../src/runtime/restore/journal/step.ts";
import type { OldJournals } from "../../../src/runtime/restore/journal/version-1.ts";
import type { SessionLock } from "../../../src/runtime/restore/session-lock.ts";
import type { EndHooks } from "../../../src/runtime/restore/settle.ts";
import type { Process } from "../machine/processes.ts";
import { CLSIDS, type World } from "../world.ts";

/** The parts of the kit in one process, as `session-parts.ts` puts them together. */
export interface Kit extends SessionMachine {
  readonly clsid: string;
  readonly settings: SessionSettings;
  readonly lock: SessionLock;
  readonly living: Living;
  readonly clock: Clock;
}

const SERVICE_LIMIT_MS = 10_000;
const ABANDON_MS = 20_000;

const noOldJournals: OldJournals = {
  path: (clsid) => `C:\\${clsid}\\session.json`,
  read: () => undefined,
  remove: () => {},
  list: () => [],
};

/** The handlers of an add-in without handlers. */
export const noEndHooks: EndHooks = {
  afterServicesStart: async () => {},
  restoreAbandoned: async () => "keepStopped",
};

export function clsidOf(addin: number): string {
  return CLSIDS[addin === 0 ? 0 : 1];
}

function clockOf({ scheduler }: World, process: Process): Clock {
  return {
    now: () => scheduler.now(),
    wait: async (ms, signal) => {
      await scheduler.wait(ms, signal);
      if (process.state !== "runs") await new Promise(() => {});
    },
  };
}

function emitOf({ truth, note }: World, process: Process): Emit {
  return (event) => {
    if (process.state !== "runs" || process.isObserver) return;
    truth.events.push({ process, event });
    note(`${process.name} says ${sentence(event)}`);
  };
}

function sentence({ event, ...fields }: AddinEvent): string {
  return `${event} ${JSON.stringify(fields)}`;
}

function livingOf({ processes }: World, process: Process): Living {
  return {
    isAlive: (identity) =>
      processes.now(process, "process.isAlive", String(identity.pid), (fault) =>
        // What Windows does not tell counts as a process that runs.
        fault === "error" ? true : processes.isAlive(identity),
      ),
  };
}

function settingsOf({ addins, fault }: World, addin: number): SessionSettings {
  const plan = addins[addin];
  return fault.settings({
    services: plan?.services ?? [],
    serviceTimeoutMs: SERVICE_LIMIT_MS,
    abandonAfterMs: ABANDON_MS,
    onPreRestoreFailure: plan?.onPreRestoreFailure ?? "startServices",
    onAbandonedRestore: plan?.onAbandonedRestore ?? "keepStopped",
  });
}

export function openKit(world: World, process: Process, addin: number): Kit {
  const { fault, disk, registry, services, locks, processes } = world;
  const clsid = clsidOf(addin);
  const emit = emitOf(world, process);
  const settings = settingsOf(world, addin);
  const marks = fault.marks(registry.of(process));
  const clock = clockOf(world, process);
  const makeFolder = (): void =>
    processes.now(process, "disk.folder", "", (met) => {
      if (met === "error") throw Object.assign(new Error("EIO: simulated"), { code: "EIO" });
    });
  const store = new MachineJournal({
    makeFolder,
    clsid,
    marks,
    disk: fault.disk(disk.of(process)),
    old: noOldJournals,
    emit,
    settings,
    ...(process.role === "server" ? { server: process.identity } : {}),
  });
  return {
    clsid,
    settings,
    store: fault.store(store, settings),
    control: fault.control({ api: fault.api(services.of(process)), emit, clock }),
    findHolders: fault.findHolders(holdersOn({ clsid, marks, old: noOldJournals, settings })),
    emit,
    lock: locks.of(process, { mayEndOwner: process.role !== "server" && fault.mayEndOwner }),
    living: livingOf(world, process),
    clock,
  };
}

/** The journal's path of an add-in, for what is done to it by hand. */
export function journalOf(world: World, addin: number): string {
  return openKit(world, observer(world), addin).store.file;
}

/** A process that only looks, for the checks. */
function observer({ processes }: World): Process {
  const process = processes.start("administrator", -1);
  process.isObserver = true;
  return process;
}

/** Names the services that the open session of an add-in owes. */
export function openServices(world: World, addin: number): readonly string[] {
  const session = openKit(world, observer(world), addin).store.peek();
  // What is listed when the services stop is not the kit's to start.
  const isOpening = session?.phase === "opened" && session.damage === undefined;
  return (session?.services ?? [])
    .filter(({ phase }) => (isOpening && phase === "listed") || phase === "stopping")
    .map(({ name }) => name);
}
