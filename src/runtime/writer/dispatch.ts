import { describeError, type MapStack } from "../../base/error-chain.ts";
import type { Clock } from "../../base/clock.ts";
import type { WriterHandlerName } from "../../base/handler-name.ts";
import { HRESULT } from "../../base/hresult.ts";
import {
  callWithin,
  findHandlerFailure,
  originOf,
  type After,
  type LimitedSetting,
} from "../addin/call-handler.ts";
import type { HandlerContext } from "../addin/define-addin.ts";
import { timeoutError } from "../addin/limit.ts";
import type { HeldEvents } from "../events/held-events.ts";
import { VSS_FREEZE_MS, type WriterTimeouts } from "../manifest/writer-settings.ts";
import type { NativeBinding } from "../native/binding.ts";
import type {
  NativeWriter,
  NativeWriterEvent,
  NativeWriterFailure,
  NativeWriterRequest,
} from "../native/vss-writer.ts";
import type { SnapshotRequest, WriterHandlers } from "./define-writer.ts";
import { writerFailure } from "./failure.ts";
import type { FreezeRun, Freezer } from "./freezer.ts";

export interface WriterDispatcherOptions {
  readonly handlers: WriterHandlers;
  readonly timeoutsMs: WriterTimeouts;
  readonly freezer: Pick<
    Freezer,
    | "prepare"
    | "freeze"
    | "freezeAnswered"
    | "thaw"
    | "thawAnswered"
    | "requireSound"
    | "abort"
    | "isFrozen"
  >;
  readonly events: HeldEvents;
  readonly startProcess: NativeBinding["startProcess"];
  readonly mapStack: MapStack;
  readonly clock: Clock;
  readonly after: After;
}

/** The part of a subscribed writer that ends events. */
export type WriterServer = Pick<NativeWriter, "complete">;

type RequestEvent = Extract<NativeWriterEvent, { readonly kind: "request" }>;

/** An event of VSS, until its handler has ended or nobody waits for it any more. */
interface WriterCall {
  readonly id: number;
  readonly request: NativeWriterRequest;
  readonly cancel: AbortController;
  readonly beganMs: number;
}

/** The events after which VSS holds no volume any more. */
const ENDS_HOLD: ReadonlySet<WriterHandlerName> = new Set(["thaw", "abort", "backupShutdown"]);

/** Passes the events of backups to a writer's handlers, and tells VSS how they ended. */
export class WriterDispatcher {
  readonly #options: WriterDispatcherOptions;
  readonly #running = new Map<number, WriterCall>();
  #stopHold: () => void = () => {};

  constructor(options: WriterDispatcherOptions) {
    this.#options = options;
  }

  /** Takes an event of the shim; never rejects. Resolves when VSS has its answer. */
  async deliver(event: NativeWriterEvent, server: WriterServer): Promise<void> {
    if (event.kind === "request") await this.#serve(event, server);
    else this.#expire(event.id);
  }

  #expire(id: number): void {
    const call = this.#running.get(id);
    if (call === undefined) return;
    const { event } = call.request;
    call.cancel.abort(timeoutError(event, this.#options.timeoutsMs[event]));
  }

  async #serve({ id, request }: RequestEvent, server: WriterServer): Promise<void> {
    const { clock, events, freezer } = this.#options;
    const call = { id, request, cancel: new AbortController(), beganMs: clock.now() };
    this.#running.set(id, call);
    // A freeze has no time for what its events write.
    if (request.event === "freeze") events.hold();
    events.emit({ event: "writerCalled", ...fieldsOf(call) });
    const failure = await this.#failureOf(call);
    this.#answer(call, failure, server);
    this.#running.delete(id);
    if (this.#options.handlers.freeze === undefined) this.#holdVolumes(request.event);
    else if (request.event === "freeze" && !freezer.isFrozen) events.release();
  }

  /** VSS holds the volumes after a freeze also when the writer has nothing to freeze. */
  #holdVolumes(event: WriterHandlerName): void {
    const { events, after } = this.#options;
    const isHeld = event === "freeze";
    if (!isHeld && !ENDS_HOLD.has(event)) return;
    this.#stopHold();
    if (isHeld) this.#stopHold = after(VSS_FREEZE_MS, () => events.release());
    else events.release();
  }

  /** Runs an event; `undefined` when it succeeded. */
  async #failureOf(call: WriterCall): Promise<NativeWriterFailure | undefined> {
    try {
      await this.#run(call);
      return undefined;
    } catch (error) {
      const failure = writerFailure(error);
      // The failure of `thaw` has its own event.
      if (findHandlerFailure(error)?.handler !== "thaw") this.#report(call, error, failure);
      return failure;
    }
  }

  #answer(call: WriterCall, failure: NativeWriterFailure | undefined, server: WriterServer): void {
    const { clock, events, freezer } = this.#options;
    const { event } = call.request;
    const isTaken = server.complete(call.id, failure);
    if (event === "freeze" && failure === undefined) freezer.freezeAnswered(setOf(call), isTaken);
    if (event === "thaw") freezer.thawAnswered(setOf(call));
    events.emit({
      event: "writerAnswered",
      ...fieldsOf(call),
      durationMs: Math.round(clock.now() - call.beganMs),
      hresult: failure?.hresult ?? HRESULT.S_OK,
      ...(failure === undefined ? {} : { description: failure.message }),
    });
    if (isTaken) return;
    const text = `${event} ended too late: VSS no longer waited for it.`;
    events.emit({ event: "message", level: "error", text });
  }

  #report(call: WriterCall, error: unknown, { hresult, message }: NativeWriterFailure): void {
    const { mapStack, events } = this.#options;
    const { name, code = name, stack, causes } = describeError(originOf(error), mapStack);
    events.emit({
      event: "handlerFailed",
      id: call.id,
      method: call.request.event,
      hresult,
      code,
      text: message,
      ...(stack === undefined ? {} : { stack }),
      ...(causes.length === 0 ? {} : { causes }),
    });
  }

  async #run(call: WriterCall): Promise<void> {
    const { handlers, freezer } = this.#options;
    const { request } = call;
    const { snapshotSetId } = request;
    // Without `freeze`, nothing is frozen, and there is nothing to keep on record.
    const freezes = handlers.freeze !== undefined;
    switch (request.event) {
      case "prepareBackup":
        await this.#call(call, (context) => handlers.prepareBackup?.(backupOf(request), context));
        break;
      case "prepareSnapshot":
        if (freezes) await freezer.prepare(setOf(call));
        await this.#call(call, (context) =>
          handlers.prepareSnapshot?.(snapshotOf(request), context),
        );
        break;
      case "freeze":
        if (freezes) await freezer.freeze(setOf(call), () => this.#freeze(call));
        break;
      case "thaw":
        if (freezes) await freezer.thaw(setOf(call));
        else await this.#call(call, (context) => handlers.thaw?.({ reason: "thaw" }, context));
        break;
      case "postSnapshot":
        freezer.requireSound(setOf(call));
        await this.#call(call, (context) => handlers.postSnapshot?.(snapshotOf(request), context));
        break;
      case "abort":
        await this.#afterThaw(call, (context) => handlers.abort?.({ snapshotSetId }, context));
        break;
      case "backupComplete":
        await this.#call(call, (context) => handlers.backupComplete?.(backupOf(request), context));
        break;
      case "backupShutdown":
        await this.#afterThaw(call, (context) =>
          handlers.backupShutdown?.({ snapshotSetId }, context),
        );
        break;
    }
  }

  /** Ends what is frozen, and runs a handler also when that failed. */
  async #afterThaw(call: WriterCall, run: RunHandler): Promise<void> {
    try {
      await this.#options.freezer.abort(call.request.snapshotSetId);
    } finally {
      await this.#call(call, run);
    }
  }

  #freeze(call: WriterCall): FreezeRun {
    const { handlers } = this.#options;
    let ended: Promise<void> = Promise.resolve();
    const answered = this.#call(call, (context) => {
      const work = runNow(() => handlers.freeze?.(snapshotOf(call.request), context));
      ended = work.catch(() => {});
      return work;
    });
    return { answered, ended, cancel: (reason) => call.cancel.abort(reason) };
  }

  #call(call: WriterCall, run: RunHandler): Promise<void> {
    return callWithin(this.#settingOf(call), (context) => run(context));
  }

  #settingOf({ request, cancel }: WriterCall): LimitedSetting {
    const { timeoutsMs, events, startProcess, after } = this.#options;
    const handler: WriterHandlerName = request.event;
    return {
      handler,
      limitMs: timeoutsMs[handler],
      signal: cancel.signal,
      emit: events.emit,
      startProcess,
      after,
    };
  }
}

type RunHandler = (context: HandlerContext) => void | Promise<void> | undefined;

/** Turns an error that a handler throws at once into a rejection. */
async function runNow(run: () => void | Promise<void> | undefined): Promise<void> {
  await run();
}

function fieldsOf({ id, request }: WriterCall): {
  readonly id: number;
  readonly method: WriterHandlerName;
  readonly snapshotSetId?: string;
} {
  const { event, snapshotSetId } = request;
  return { id, method: event, ...(snapshotSetId === null ? {} : { snapshotSetId }) };
}

/** VSS names the set in each event that needs it. */
function setOf({ request }: WriterCall): string {
  return request.snapshotSetId ?? "unknown";
}

function backupOf({ backupType, components }: NativeWriterRequest): {
  readonly backupType: NativeWriterRequest["backupType"];
  readonly components: NativeWriterRequest["components"];
} {
  return { backupType, components };
}

function snapshotOf(request: NativeWriterRequest): SnapshotRequest {
  const { snapshotSetId, volumes } = request;
  return { ...backupOf(request), snapshotSetId: snapshotSetId ?? "unknown", volumes };
}
