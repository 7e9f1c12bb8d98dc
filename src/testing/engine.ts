// The one place where a test meets the dispatcher and the restore session that an add-in runs on.
import type { ProcessIdentity } from "../base/process-identity.ts";
import type { CallServer } from "../runtime/addin/call.ts";
import type { Addin } from "../runtime/addin/define-addin.ts";
import { Dispatcher } from "../runtime/addin/dispatch.ts";
import { timeoutError } from "../runtime/addin/limit.ts";
import { HRESULT } from "../base/hresult.ts";
import type { Manifest } from "../runtime/manifest/manifest.ts";
import type { AddinEvent } from "../runtime/events/definitions.ts";
import { emitTo, type Emit } from "../runtime/events/emit.ts";
import type { MethodName, NativeCall, NativeReply } from "../runtime/native/binding.ts";
import type { JournalStore } from "../runtime/restore/journal-file.ts";
import { formatJournal, parseJournal } from "../runtime/restore/journal.ts";
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
  /** Receives everything that happens. */
  readonly emit: Emit;
  readonly runProgram: PlayProgram | undefined;
}

/** The end of a call: its answer and, for a consistency check, the HRESULT of its end. */
export interface Answered {
  readonly reply: NativeReply;
  readonly finished: number | undefined;
  /** How the call's handler failed. */
  readonly failure: AddinEvent<"handlerFailed"> | undefined;
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

const SERVER: ProcessIdentity = { pid: process.pid, startedAt: "0", image: process.execPath };

/** Starts the dispatcher of an add-in on services and a clock in memory. */
export function startEngine(options: EngineOptions): Engine {
  const store = openJournalInMemory();
  const failures = new Map<number, AddinEvent<"handlerFailed">>();
  const emit = emitTo(options.emit, (event) => {
    if (event.event === "handlerFailed") failures.set(event.id, event);
  });
  const dispatcher = openDispatcher({ ...options, emit }, store);
  let lastId = 0;
  return {
    async call(call, signal) {
      lastId += 1;
      const id = lastId;
      const stopLimit = abortAtLimit(options, dispatcher, { id, method: call.method });
      const stopAbort = abortWith(signal, dispatcher, id);
      const answered = await deliver(dispatcher, { id, call });
      stopLimit();
      stopAbort();
      return { ...answered, failure: failures.get(id) };
    },
    isSessionOpen: () => store.read() !== undefined,
  };
}

function openDispatcher(options: EngineOptions, store: JournalStore): Dispatcher {
  const { addin, manifest, services, clock, emit } = options;
  const { serviceTimeoutMs } = manifest;
  return new Dispatcher({
    addin,
    manifest: withoutLimits(manifest),
    emit,
    startProcess: programsOf(options.runProgram),
    // Nobody calls but the test, which stays.
    clients: { identify: () => null, onExit: () => () => {} },
    session: createRestoreSession({
      store,
      emit,
      control: createServiceControl({ api: services, serviceTimeoutMs, emit, clock }),
      lock: createLock(),
      living: { isAlive: () => true },
      server: SERVER,
      ensureGuardian: () => {},
      clsid: manifest.addin?.clsid ?? "",
      services: manifest.services,
      onPreRestoreFailure: manifest.onPreRestoreFailure,
    }),
  });
}

/** Aborts a call when the clock of the test reaches its limit. */
function abortAtLimit(
  { manifest, clock }: EngineOptions,
  dispatcher: Dispatcher,
  { id, method }: { readonly id: number; readonly method: MethodName },
): () => void {
  const limitMs = manifest.timeoutsMs[method];
  return clock.after(limitMs, () => dispatcher.abort(id, timeoutError(method, limitMs)));
}

/** Aborts a call when the test aborts it. */
function abortWith(
  signal: AbortSignal | undefined,
  dispatcher: Dispatcher,
  id: number,
): () => void {
  if (signal === undefined) return () => {};
  const abort = (): void =>
    dispatcher.abort(id, new DOMException("The check was aborted.", "AbortError"));
  signal.addEventListener("abort", abort, { once: true });
  // The call exists only after this turn.
  if (signal.aborted) queueMicrotask(abort);
  return () => signal.removeEventListener("abort", abort);
}

/** Delivers a call; a handler that ignores its signal is not waited for beyond its answer. */
function deliver(
  dispatcher: Dispatcher,
  { id, call }: { readonly id: number; readonly call: NativeCall },
): Promise<Omit<Answered, "failure">> {
  return new Promise((answered) => {
    let started: NativeReply = { hresult: HRESULT.S_OK };
    const server: CallServer = {
      answer(_id, reply) {
        started = reply;
        if (reply.startsOperation !== true) answered({ reply, finished: undefined });
        return true;
      },
      finishOperation(_id, hresult) {
        answered({ reply: started, finished: hresult });
        return true;
      },
    };
    void dispatcher.call({ id, call, clientPid: 0 }, server);
  });
}
