// The one place where a test meets the dispatcher and the restore session that an add-in runs on.
import type { ProcessIdentity } from "../base/process-identity.ts";
import type { Addin } from "../runtime/addin/define-addin.ts";
import { createDispatcher } from "../runtime/addin/dispatch.ts";
import { timeoutError } from "../runtime/addin/limit.ts";
import { HRESULT } from "../base/hresult.ts";
import type { Log } from "../base/log.ts";
import type { Manifest } from "../runtime/manifest/manifest.ts";
import type { NativeCall, NativeReply } from "../runtime/native/binding.ts";
import type { JournalStore } from "../runtime/restore/journal-file.ts";
import { formatJournal, parseJournal } from "../runtime/restore/journal.ts";
import type { RecordCall } from "../runtime/addin/recorded-calls.ts";
import { createServiceControl } from "../runtime/restore/service-control.ts";
import type { SessionLock } from "../runtime/restore/session-lock.ts";
import { createRestoreSession } from "../runtime/restore/session.ts";
import type { TestClock } from "./clock.ts";
import { programsOf, type PlayProgram } from "./programs.ts";
import type { TestServices } from "./services.ts";

export interface EngineOptions {
  readonly addin: Addin;
  readonly manifest: Manifest;
  readonly services: TestServices;
  readonly clock: TestClock;
  readonly log: Log;
  readonly runProgram: PlayProgram | undefined;
}

/** What became of a call: its answer and, for a consistency check, the HRESULT of its end. */
export interface Answered {
  readonly reply: NativeReply;
  readonly finished: number | undefined;
}

/** An add-in's dispatcher without COM around it. */
export interface Engine {
  /** Delivers a call and waits for its answer and, for a consistency check, for its end. */
  call(call: NativeCall, signal: AbortSignal | undefined): Promise<Answered>;
  /** Whether services are stopped for a restore, or may be. */
  isSessionOpen(): boolean;
}

// Longest delay of a JavaScript timer. The dispatcher's own limits are the machine's time: they are
// out of reach here, and the clock of the test aborts a call as they would.
const NEVER_MS = 2_147_483_647;

function withoutLimits(manifest: Manifest): Manifest {
  const timeoutsMs = {
    preRestore: NEVER_MS,
    postRestore: NEVER_MS,
    orderComponents: NEVER_MS,
    isRollForwardSupported: NEVER_MS,
    checkConsistency: NEVER_MS,
  };
  return { ...manifest, timeoutsMs };
}

/** Journal of a restore session in memory, through its own text as on a disk. */
function openJournalInMemory(): JournalStore {
  let text: string | undefined;
  return {
    file: "session.json",
    read: () => (text === undefined ? undefined : parseJournal(text)),
    write: (journal) => {
      text = formatJournal(journal);
    },
    remove: () => {
      text = undefined;
    },
  };
}

/** Lets one call after the other at the session: nobody else is there. */
export function createLock(): SessionLock {
  let tail: Promise<unknown> = Promise.resolve();
  return (work, signal) => {
    const result = tail.then(() => {
      signal?.throwIfAborted();
      return work();
    });
    tail = result.catch(() => {});
    return result;
  };
}

/** Puts what happens in calls and in a restore session into the log of the test. */
function recordIn(log: Log): RecordCall {
  return (event) => {
    if (event.event === "message") log(event.level, event.text);
    else if (event.event === "handlerFailed") log("error", `${event.method} failed: ${event.text}`);
    else if (event.event === "callReceived") log("info", `${event.method} called.`);
    else if ("method" in event) return;
    else if (event.event === "serviceFailed") log("error", event.text);
    else if ("service" in event) log("info", `${event.event}: ${event.service}`);
    else log("info", event.event);
  };
}

const SERVER: ProcessIdentity = { pid: process.pid, startedAt: "0", image: process.execPath };

/** Starts the dispatcher of an add-in on services and a clock in memory. */
export function startEngine(options: EngineOptions): Engine {
  const { addin, manifest, services, clock, log } = options;
  const store = openJournalInMemory();
  const record = recordIn(log);
  let lastId = 0;
  const dispatcher = createDispatcher({
    addin,
    manifest: withoutLimits(manifest),
    log,
    startProcess: programsOf(options.runProgram),
    // Nobody calls but the test, which stays.
    clients: { identify: () => null, onExit: () => () => {} },
    record,
    session: createRestoreSession({
      store,
      record,
      control: createServiceControl({
        api: services,
        serviceTimeoutMs: manifest.serviceTimeoutMs,
        record,
        clock,
      }),
      lock: createLock(),
      living: { isAlive: () => true },
      server: SERVER,
      ensureGuardian: () => {},
      clsid: manifest.addin?.clsid ?? "",
      services: manifest.services,
      onPreRestoreFailure: manifest.onPreRestoreFailure,
    }),
  });
  return {
    async call(call, signal) {
      lastId += 1;
      const id = lastId;
      const limitMs = manifest.timeoutsMs[call.method];
      const disarm = clock.after(limitMs, () => {
        dispatcher.abort(id, timeoutError(call.method, limitMs));
      });
      const abort = (): void => {
        dispatcher.abort(id, new DOMException("The check was aborted.", "AbortError"));
      };
      try {
        return await new Promise<Answered>((answered) => {
          let started: NativeReply = { hresult: HRESULT.S_OK };
          // What a handler that ignores its signal does beyond its answer is not waited for.
          void dispatcher.call(
            { id, call, clientPid: 0 },
            {
              answer: (_id, reply) => {
                started = reply;
                if (reply.startsOperation !== true) answered({ reply, finished: undefined });
                return true;
              },
              finishOperation: (_id, hresult) => {
                answered({ reply: started, finished: hresult });
                return true;
              },
            },
          );
          signal?.addEventListener("abort", abort, { once: true });
          if (signal?.aborted === true) abort();
        });
      } finally {
        disarm();
        signal?.removeEventListener("abort", abort);
      }
    },
    isSessionOpen: () => store.read() !== undefined,
  };
}
