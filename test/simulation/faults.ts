/** The faults of the kit that were found by hand, each as a switch that brings it back. */
import type { Disk, DiskFile, OpenMode } from "../../src/base/disk.ts";
import { WsbError } from "../../src/base/errors.ts";
import { HRESULT } from "../../src/base/hresult.ts";
import type { Restoring } from "../../src/runtime/restore/journal/components.ts";
import type { Session } from "../../src/runtime/restore/journal/session.ts";
import type { JournalStore } from "../../src/runtime/restore/journal/store.ts";
import { ServiceControl } from "../../src/runtime/restore/service-control.ts";
import type { RestoreSession } from "../../src/runtime/restore/session.ts";
import type { DeedKind } from "./schedule.ts";
import { noFault, type Switch } from "./switches.ts";
import type { KnownFault } from "./test-simulation.ts";

// A guardian of before called a restore of this length overdue.
const OVERDUE_MS = 3000;

/** A disk that writes a part of some records, and a process that does not notice. */
function lyingDisk(disk: Disk): Disk {
  let writes = 0;
  const openFile = (file: string, mode: OpenMode): DiskFile => {
    const handle = disk.open(file, mode);
    const believed = new Map<number, Uint8Array>();
    return {
      read: (bytes, position) => {
        const count = handle.read(bytes, position);
        for (const [at, written] of believed) overlay(bytes, position, at, written);
        return count;
      },
      write: (bytes, position) => {
        writes += 1;
        if (writes % 3 !== 0 || bytes.length > 4096) return handle.write(bytes, position);
        believed.set(position, Uint8Array.from(bytes));
        handle.write(bytes.subarray(0, bytes.length / 2), position);
        return bytes.length;
      },
      sync: () => handle.sync(),
      truncate: (sizeBytes) => handle.truncate(sizeBytes),
      sizeBytes: () => handle.sizeBytes(),
      identity: () => handle.identity(),
      close: () => handle.close(),
    };
  };
  return {
    open: openFile,
    replace: (from, to) => disk.replace(from, to),
    remove: (file) => disk.remove(file),
    identity: (file) => disk.identity(file),
    pause: (durationMs) => disk.pause(durationMs),
  };
}

function overlay(bytes: Uint8Array, position: number, at: number, written: Uint8Array): void {
  for (const [index, byte] of written.entries()) {
    const place = at + index - position;
    if (place >= 0 && place < bytes.length) bytes[place] = byte;
  }
}

function sound(session: Session | undefined): Session | undefined {
  return session?.damage === undefined ? session : undefined;
}

/** A store to which a damaged journal is none. */
function trustingStore(store: JournalStore): JournalStore {
  return {
    file: store.file,
    get sessionId() {
      return store.sessionId;
    },
    open: () => {
      const journal = store.open();
      return sound(journal?.session) === undefined ? undefined : journal;
    },
    peek: () => sound(store.peek()),
    begin: (opened, services) => store.begin(opened, services),
  };
}

class CarelessControl extends ServiceControl {
  override async running(): Promise<readonly []> {
    return [];
  }
}

class TrustingControl extends ServiceControl {
  override async refuseUnstartable(): Promise<void> {}
}

class StubbornControl extends ServiceControl {
  override async start(
    ...[service, limits]: Parameters<ServiceControl["start"]>
  ): ReturnType<ServiceControl["start"]> {
    try {
      await super.start(service, limits);
    } catch (error) {
      const hresult = error instanceof WsbError ? error.hresult : undefined;
      throw hresult === HRESULT.ERROR_SERVICE_DOES_NOT_EXIST
        ? new Error(`Cannot start service ${service}.`)
        : error;
    }
  }

  override async setStartType(
    ...[service, setting]: Parameters<ServiceControl["setStartType"]>
  ): ReturnType<ServiceControl["setStartType"]> {
    await super.setStartType(service, setting).catch(() => {});
  }
}

function blur<T extends Restoring>(restoring: T): T {
  return { ...restoring, client: null };
}

/** A session to which every client is the same. */
function ofOneClient(session: RestoreSession): RestoreSession {
  return {
    enter: (entering, signal) => session.enter(blur(entering), signal),
    prepared: (restoring) => session.prepared(blur(restoring)),
    finish: (restoring, end) => session.finish(blur(restoring), end),
  };
}

export const knownFaults: readonly KnownFault<Switch, DeedKind>[] = [
  {
    name: "A1: half-restored data is started",
    within: 20,
    fault: {
      ...noFault,
      settings: (settings) => ({ ...settings, onAbandonedRestore: "startServices" }),
    },
  },
  {
    name: "A2: a living client is overdue",
    within: 100,
    fault: {
      ...noFault,
      settings: (settings) => ({ ...settings, onAbandonedRestore: "startServices" }),
      guardianLiving: (living, now) => {
        const since = new Map<number, number>();
        return {
          isAlive: (process) => {
            const firstMs = since.get(process.pid) ?? now();
            since.set(process.pid, firstMs);
            return living.isAlive(process) && now() - firstMs < OVERDUE_MS;
          },
        };
      },
    },
  },
  {
    name: "A3: a failed PostRestore starts the services",
    within: 100,
    fault: {
      ...noFault,
      session: (session) => ({
        enter: (entering, signal) => session.enter(entering, signal),
        prepared: (restoring) => session.prepared(restoring),
        finish: (restoring, end) =>
          session.finish(restoring, end.kind === "postRestoreFailed" ? { kind: "restored" } : end),
      }),
    },
  },
  {
    name: "A4: Windows starts half-restored data",
    within: 100,
    deed: "restart machine",
    fault: {
      ...noFault,
      api: (api) => ({
        ...api,
        setServiceStartType: async () => {},
      }),
    },
  },
  {
    name: "A4: Windows starts what did not run",
    within: 100,
    deed: "restart machine",
    fault: {
      ...noFault,
      api: (api) => ({
        ...api,
        describeService: async (name) => {
          const service = await api.describeService(name);
          return service?.state === "STOPPED" ? { ...service, startType: "manual" } : service;
        },
      }),
    },
  },
  {
    name: "B: a short write is not noticed",
    within: 100,
    // Alone it is seen when the journal is read, and reported as damage.
    fault: { ...noFault, disk: lyingDisk, store: trustingStore },
  },
  {
    name: "C: a damaged or missing journal is no session",
    within: 100,
    deed: "damage journal",
    fault: { ...noFault, store: trustingStore },
  },
  {
    name: "D: PreRestore does not look at the services again",
    within: 100,
    fault: { ...noFault, control: (options) => new CarelessControl(options) },
  },
  {
    name: "E: a disabled service is stopped",
    within: 100,
    deed: "disable service",
    fault: { ...noFault, control: (options) => new TrustingControl(options) },
  },
  {
    name: "F: a deleted service is owed for ever",
    within: 100,
    deed: "delete service",
    fault: { ...noFault, control: (options) => new StubbornControl(options) },
  },
  {
    name: "G: a process that hangs keeps the lock",
    within: 100,
    fault: { ...noFault, mayEndOwner: false },
  },
  {
    name: "H: add-ins do not know of each other",
    within: 100,
    fault: { ...noFault, findHolders: () => () => [] },
  },
  {
    name: "I: two clients of a component are one",
    within: 100,
    fault: { ...noFault, session: ofOneClient },
  },
  {
    name: "J: a session without services in the manifest is none",
    within: 100,
    deed: "build without services",
    fault: {
      ...noFault,
      store: (store, { services }) =>
        services.length > 0
          ? store
          : {
              file: store.file,
              sessionId: undefined,
              open: () => undefined,
              peek: () => undefined,
              begin: (opened, listed) => store.begin(opened, listed),
            },
    },
  },
  {
    name: "a start type is not on the disk when it is set",
    within: 100,
    deed: "restart machine",
    fault: { ...noFault, isStartTypeFlushed: false },
  },
];
