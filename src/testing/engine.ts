// Connects a test host to the add-in's own dispatcher and restore session. No other file does.
import type { ProcessIdentity } from "../base/process-identity.ts";
import type { CallServer } from "../runtime/addin/call.ts";
import { answerOrder } from "../runtime/addin/answer-order.ts";
import type { Addin, RestoreAbandonedRequest } from "../runtime/addin/define-addin.ts";
import type { HandlerAnswer } from "../runtime/addin/handler-protocol.ts";
import { Dispatcher } from "../runtime/addin/dispatch.ts";
import { createHandlerHooks } from "../runtime/addin/handler-hooks.ts";
import { timeoutError } from "../runtime/addin/limit.ts";
import { OrderedComponents } from "../runtime/addin/ordered-components.ts";
import { HRESULT } from "../base/hresult.ts";
import type { Manifest } from "../runtime/manifest/manifest.ts";
import type { AddinEvent } from "../runtime/events/definitions.ts";
import { emitTo, type Emit } from "../runtime/events/emit.ts";
import type { MethodName, NativeCall, NativeReply } from "../runtime/native/binding.ts";
import type { JournalStore } from "../runtime/restore/journal/store.ts";
import { ServiceControl } from "../runtime/restore/service-control.ts";
import type { SessionLock } from "../runtime/restore/session-lock.ts";
import { createRestoreSession } from "../runtime/restore/session.ts";
import type { TestClock } from "./clock.ts";
import { MemoryJournal } from "./journal.ts";
import { programsOf, type PlayProgram } from "./programs.ts";
import type { TestServices } from "./services.ts";

export interface EngineOptions {
  readonly addin: Addin;
  readonly manifest: Manifest;
  readonly services: TestServices;
  readonly clock: TestClock;
  /** Receives every event. */
  readonly emit: Emit;
  readonly runProgram: PlayProgram | undefined;
}

/** The end of a call: its answer and, for a consistency check, the HRESULT of its end. */
export interface Answered {
  readonly reply: NativeReply;
  readonly finished: number | undefined;
  /** The failure of the call's handler. */
  readonly failure: AddinEvent<"handlerFailed"> | undefined;
}

/** The answer of restoreAbandoned, and its failure. */
export interface Abandoned {
  readonly answer: HandlerAnswer;
  readonly failure: AddinEvent<"handlerFailed"> | undefined;
}

/** An add-in's dispatcher without COM. */
export interface Engine {
  /** Delivers a call and waits for its answer and, for a consistency check, for the end. */
  call(call: NativeCall, signal: AbortSignal | undefined): Promise<Answered>;
  /** Runs the handler restoreAbandoned as in a process of its own. */
  abandon(request: RestoreAbandonedRequest): Promise<Abandoned>;
  /** Tells whether a restore has stopped services or may have. */
  isSessionOpen(): boolean;
}

// The longest delay of a JavaScript timer. The dispatcher measures its limits in real time, so they
// must not expire here; the test's clock aborts a call instead.
const NEVER_MS = 2_147_483_647;

function withoutLimits(manifest: Manifest): Manifest {
  const { timeoutsMs } = manifest;
  return {
    ...manifest,
    timeoutsMs: {
      ...timeoutsMs,
      preRestore: NEVER_MS,
      postRestore: NEVER_MS,
      orderComponents: NEVER_MS,
      isRollForwardSupported: NEVER_MS,
      checkConsistency: NEVER_MS,
    },
  };
}

/** Returns a lock for this process alone, which runs one piece of work after the other. */
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

/** Starts an add-in's dispatcher with services and a clock in memory. */
export function startEngine(options: EngineOptions): Engine {
  const store = new MemoryJournal();
  const failures = new Map<number, AddinEvent<"handlerFailed">>();
  const emit = emitTo(options.emit, (event) => {
    if (event.event === "handlerFailed" && event.id !== undefined) failures.set(event.id, event);
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
    async abandon(request) {
      const { addin, manifest, clock } = options;
      let failure: AddinEvent<"handlerFailed"> | undefined;
      const limitMs = manifest.timeoutsMs.restoreAbandoned;
      const answer = await answerOrder(
        { handler: "restoreAbandoned", marker: "", limitMs, request },
        {
          load: async () => addin,
          after: (ms, ring) => clock.after(ms, ring),
          emit: emitTo(emit, (event) => {
            if (event.event === "handlerFailed") failure = event;
          }),
          startProcess: programsOf(options.runProgram),
          mapStack: (frames) => frames,
        },
      );
      return { answer, failure };
    },
    isSessionOpen: () => store.peek() !== undefined,
  };
}

function openDispatcher(options: EngineOptions, store: JournalStore): Dispatcher {
  const { addin, manifest, services, clock, emit } = options;
  const { onPreRestoreFailure, onAbandonedRestore, serviceTimeoutMs, abandonAfterMs } = manifest;
  const startProcess = programsOf(options.runProgram);
  const ordered = new OrderedComponents();
  const hooks = createHandlerHooks({
    handlers: addin.handlers,
    timeoutsMs: manifest.timeoutsMs,
    emit,
    startProcess,
    ordered,
    after: (ms, ring) => clock.after(ms, ring),
  });
  return new Dispatcher({
    addin,
    manifest: withoutLimits(manifest),
    emit,
    startProcess,
    ordered,
    // The only client is the test, which does not exit.
    clients: { identify: () => null, onExit: () => () => {} },
    session: createRestoreSession({
      store,
      emit,
      control: new ServiceControl({ api: services, emit, clock }),
      lock: createLock(),
      living: { isAlive: () => true },
      server: SERVER,
      ensureGuardian: async () => {},
      findHolders: () => [],
      hooks,
      isGuardianToDecide: false,
      clsid: manifest.addin?.clsid ?? "",
      settings: {
        services: manifest.services,
        serviceTimeoutMs,
        abandonAfterMs,
        onPreRestoreFailure,
        onAbandonedRestore,
      },
    }),
  });
}

/** Aborts a call when the test's clock reaches its limit. */
function abortAtLimit(
  { manifest, clock }: EngineOptions,
  dispatcher: Dispatcher,
  { id, method }: { readonly id: number; readonly method: MethodName },
): () => void {
  const limitMs = manifest.timeoutsMs[method];
  return clock.after(limitMs, () => dispatcher.abort(id, timeoutError(method, limitMs)));
}

/** Aborts a call when the test's signal aborts. */
function abortWith(
  signal: AbortSignal | undefined,
  dispatcher: Dispatcher,
  id: number,
): () => void {
  if (signal === undefined) return () => {};
  const abort = (): void =>
    dispatcher.abort(id, new DOMException("The check was aborted.", "AbortError"));
  signal.addEventListener("abort", abort, { once: true });
  // The dispatcher knows the call only after this turn of the event loop.
  if (signal.aborted) queueMicrotask(abort);
  return () => signal.removeEventListener("abort", abort);
}

/** Delivers a call and waits for its answer, but not for a handler that ignores its signal. */
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
