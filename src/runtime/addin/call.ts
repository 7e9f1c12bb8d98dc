import { showComponent } from "../../base/component.ts";
import type { MapStack } from "../../base/error-chain.ts";
import { isFailure } from "../../base/hresult.ts";
import type { ProcessIdentity } from "../../base/process-identity.ts";
import type { CallFields } from "../events/definitions.ts";
import type { Emit } from "../events/emit.ts";
import type {
  MethodName,
  NativeCall,
  NativeReply,
  NativeServer,
  ServerEvent,
} from "../native/binding.ts";
import { findHandlerFailure, originOf } from "./call-handler.ts";
import { failureFields, failureReply } from "./failure.ts";
import { timeoutError } from "./limit.ts";

/** The part of a served class that answers calls. */
export type CallServer = Pick<NativeServer, "answer" | "finishOperation">;

/** A call as the shim delivers it to JavaScript. */
export type CallEvent = Pick<
  Extract<ServerEvent, { readonly kind: "call" }>,
  "id" | "call" | "clientPid"
>;

export interface CallOptions {
  readonly server: CallServer;
  /** `null` when Windows cannot identify the caller. */
  readonly client: ProcessIdentity | null;
  readonly limitMs: number;
  readonly emit: Emit;
  readonly mapStack: MapStack;
}

function fieldsOf({ id, call }: CallEvent): CallFields {
  const component = "componentName" in call ? showComponent(call) : "";
  return { id, method: call.method, ...(component === "" ? {} : { component }) };
}

/** A COM call, from its arrival until all its work has ended; each step is an event. */
export class Call {
  readonly id: number;
  readonly arguments: NativeCall;
  readonly method: MethodName;
  readonly client: ProcessIdentity | null;
  readonly limitMs: number;
  readonly emit: Emit;
  readonly #options: CallOptions;
  readonly #fields: CallFields;
  readonly #controller = new AbortController();
  readonly #startedMs = performance.now();

  constructor(event: CallEvent, options: CallOptions) {
    this.id = event.id;
    this.arguments = event.call;
    this.method = event.call.method;
    this.client = options.client;
    this.limitMs = options.limitMs;
    this.emit = options.emit;
    this.#options = options;
    this.#fields = fieldsOf(event);
    const { clientPid } = event;
    this.emit({
      event: "callReceived",
      ...this.#fields,
      ...(clientPid === 0 ? {} : { clientPid }),
    });
  }

  /** Aborts at the time limit, when the client exits, or when the client aborts a check. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    this.#controller.abort(reason);
  }

  /** Starts the call's time limit; returns a function that cancels the limit. */
  startLimit(): () => void {
    const { method, limitMs } = this;
    const timer = setTimeout(() => this.abort(timeoutError(method, limitMs)), limitMs);
    return () => clearTimeout(timer);
  }

  /** Answers the caller; returns `false` when the caller no longer waits. */
  answer(reply: NativeReply): boolean {
    const { hresult, description } = reply;
    this.emit({
      event: "callAnswered",
      ...this.#fields,
      durationMs: this.#durationMs(),
      hresult,
      ...(isFailure(hresult) && description !== undefined ? { description } : {}),
    });
    return this.#options.server.answer(this.id, reply);
  }

  /** Emits the failure with its stack and causes, and returns the answer for the caller. */
  fail(error: unknown): NativeReply {
    const { method } = this;
    const failed = findHandlerFailure(error);
    this.emit({
      event: "handlerFailed",
      ...this.#fields,
      ...failureFields(method, originOf(error), this.#options.mapStack),
      ...(failed === undefined ? {} : { method: failed.handler }),
    });
    return failureReply(method, error);
  }

  /** Ends the consistency check that this call started. */
  finishCheck(hresult: number): void {
    const durationMs = this.#durationMs();
    this.emit({ event: "checkFinished", ...this.#fields, durationMs, hresult });
    this.#options.server.finishOperation(this.id, hresult);
  }

  #durationMs(): number {
    return Math.round(performance.now() - this.#startedMs);
  }
}
