import type { Component } from "../../base/component.ts";
import type { ProcessIdentity } from "../../base/process-identity.ts";
import { WsbError, errorText } from "../../base/errors.ts";
import { HRESULT, nameHresult } from "../../base/hresult.ts";
import type { Log } from "../../base/log.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { readLater } from "../metadata/parse.ts";
import type {
  MethodName,
  NativeBinding,
  NativeCall,
  NativeReply,
  NativeServer,
  ServerEvent,
} from "../native/binding.ts";
import type { RestoreSession } from "../restore/session.ts";
import type { Clients } from "./clients.ts";
import { unpackComponents } from "./components.ts";
import { createConsistencyChecks } from "./consistency.ts";
import type { Addin, AddinHandlers, HandlerContext, RestoreRequest } from "./define-addin.ts";
import { rejectOnAbort, timeoutError } from "./limit.ts";
import { positionsOf } from "./order.ts";
import { onRecord, recordFailure, type RecordCall } from "./recorded-calls.ts";
import { failureReply } from "./reply.ts";

/** What a dispatcher answers with: the served class, without its lifetime. */
export type Answering = Pick<NativeServer, "answer" | "finishOperation">;

export interface DispatcherOptions {
  readonly addin: Addin;
  readonly manifest: Manifest;
  readonly session: RestoreSession;
  readonly clients: Clients;
  readonly record: RecordCall;
  readonly log: Log;
  readonly startProcess: NativeBinding["startProcess"];
}

/** A call as it arrives. */
export type CallEvent = Pick<
  Extract<ServerEvent, { readonly kind: "call" }>,
  "id" | "call" | "clientPid"
>;

/** Carries COM calls to handlers and their outcomes back. */
export interface Dispatcher {
  /** Runs the handler for a call and answers it; settles when both are done and never rejects. */
  call(event: CallEvent, server: Answering): Promise<void>;
  /** Aborts the call or the consistency check with this id; unknown ids are none of its business. */
  abort(id: number, reason: Error): void;
}

type CallOf<Method extends MethodName> = Extract<NativeCall, { readonly method: Method }>;
type RestoreCall = Extract<NativeCall, { readonly noRollForward: boolean }>;

/** Which interfaces an add-in has: those that a handler or a setting makes meaningful. */
export function interfacesOf(
  handlers: AddinHandlers,
  manifest: Manifest,
): { readonly restore: boolean; readonly backup: boolean } {
  const { preRestore, postRestore, orderComponents, isRollForwardSupported } = handlers;
  const restoreHandlers = [preRestore, postRestore, orderComponents, isRollForwardSupported];
  return {
    restore: manifest.services.length > 0 || restoreHandlers.some((one) => one !== undefined),
    backup: handlers.checkConsistency !== undefined,
  };
}

function restoreRequest(call: RestoreCall): RestoreRequest {
  const { writerMetadata, componentName, logicalPath, noRollForward } = call;
  const metadata = readLater(writerMetadata);
  return { writerMetadata, metadata, componentName, logicalPath, noRollForward };
}

/** A handler that ignores its signal must not keep the services stopped beyond its limit. */
async function runHandler(
  handler: () => void | Promise<void> | undefined,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  await Promise.race([handler(), rejectOnAbort(signal)]);
  signal.throwIfAborted();
}

function clientGone({ pid, image }: ProcessIdentity): DOMException {
  return new DOMException(`The client ${image} (process ${pid}) has ended.`, "AbortError");
}

/** Makes the dispatcher of one served add-in. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { addin, manifest, session, clients, record, log } = options;
  const { handlers } = addin;
  const running = new Map<number, AbortController>();

  const contextOf = (method: MethodName, signal: AbortSignal): HandlerContext => ({
    signal,
    log: {
      info: (message) => log("info", `${method}: ${message}`),
      warn: (message) => log("warn", `${method}: ${message}`),
    },
  });

  const checks = createConsistencyChecks({
    handler: handlers.checkConsistency,
    limitMs: manifest.timeoutsMs.checkConsistency,
    contextOf: (signal) => contextOf("checkConsistency", signal),
    startProcess: options.startProcess,
    log,
  });

  const preRestore = async (
    call: RestoreCall,
    client: ProcessIdentity | null,
    signal: AbortSignal,
  ): Promise<NativeReply> => {
    await session.enter(call, client, signal);
    try {
      const context = contextOf("preRestore", signal);
      await runHandler(() => handlers.preRestore?.(restoreRequest(call), context), signal);
      await session.prepared(call);
    } catch (error) {
      await leaveAfter(call, error);
      throw error;
    }
    return { hresult: HRESULT.S_OK };
  };

  const postRestore = async (call: RestoreCall, signal: AbortSignal): Promise<NativeReply> => {
    try {
      const context = contextOf("postRestore", signal);
      await runHandler(() => handlers.postRestore?.(restoreRequest(call), context), signal);
    } catch (error) {
      await leaveAfter(call, error);
      throw error;
    }
    await session.leave(call, "ok");
    return { hresult: HRESULT.S_OK };
  };

  /** Leaves the session after `error`; a service that does not start is told beside it. */
  const leaveAfter = async (component: Component, error: unknown): Promise<void> => {
    try {
      await session.leave(component, errorText(error));
    } catch (restart) {
      throw new WsbError("ERR_WSB_HANDLER", `${errorText(error)} ${errorText(restart)}`, {
        cause: error,
      });
    }
  };

  const orderComponents = async (call: CallOf<"orderComponents">, signal: AbortSignal) => {
    const components = unpackComponents(call);
    // The answer is held against them: a handler in JavaScript must not rename or drop one in place.
    for (const component of components) Object.freeze(component);
    Object.freeze(components);
    const order =
      (await handlers.orderComponents?.({ components }, contextOf("orderComponents", signal))) ??
      null;
    return {
      hresult: HRESULT.S_OK,
      order: order === null ? null : positionsOf(components, order),
    };
  };

  const isRollForwardSupported = async (signal: AbortSignal) => {
    const context = contextOf("isRollForwardSupported", signal);
    const supported: unknown = (await handlers.isRollForwardSupported?.(context)) ?? false;
    if (typeof supported !== "boolean") {
      throw new WsbError("ERR_WSB_HANDLER", "isRollForwardSupported must return true or false.");
    }
    return { hresult: HRESULT.S_OK, rollForwardSupported: supported };
  };

  /** Runs a stage within its limit; at the limit the caller is answered, whatever the stage does. */
  const answerCall = async (
    event: CallEvent,
    client: ProcessIdentity | null,
    server: Answering,
    stage: (signal: AbortSignal) => Promise<NativeReply>,
    takeBack: () => Promise<void> = async () => {},
  ): Promise<void> => {
    const { id, call } = event;
    const { method } = call;
    const controller = new AbortController();
    const { signal } = controller;
    const limitMs = manifest.timeoutsMs[method];
    const timer = setTimeout(() => controller.abort(timeoutError(method, limitMs)), limitMs);
    running.set(id, controller);
    const unwatch =
      client === null
        ? undefined
        : clients.onExit(client, () => controller.abort(clientGone(client)));
    const outcome = stage(signal);
    let reply: NativeReply;
    try {
      reply = await Promise.race([outcome, rejectOnAbort(signal)]);
    } catch (error) {
      recordFailure(event, error, record);
      reply = failureReply(method, error);
    }
    const waited = server.answer(id, reply);
    if (!waited) log("error", `${method} ended with ${nameHresult(reply.hresult)} too late.`);
    // A stage that outlives its limit still has services to start again.
    try {
      await outcome;
      // Its caller was told that it failed: a handler had blocked the event loop.
      if (!waited) await takeBack();
    } catch (error) {
      if (signal.aborted) log("warn", `${method} ended after its limit: ${errorText(error)}`);
    }
    clearTimeout(timer);
    unwatch?.();
    running.delete(id);
  };

  return {
    call(event, native) {
      const { id, call, clientPid } = event;
      const server = onRecord(event, native, record);
      const client = clients.identify(clientPid);
      const answer = (
        stage: (signal: AbortSignal) => Promise<NativeReply>,
        takeBack?: () => Promise<void>,
      ): Promise<void> => answerCall(event, client, server, stage, takeBack);
      switch (call.method) {
        case "preRestore":
          return answer(
            (signal) => preRestore(call, client, signal),
            () => session.leave(call, "nobody waited for it"),
          );
        case "postRestore":
          return answer((signal) => postRestore(call, signal));
        case "orderComponents":
          return answer((signal) => orderComponents(call, signal));
        case "isRollForwardSupported":
          return answer(isRollForwardSupported);
        case "checkConsistency":
          return checks.start(id, call, server);
      }
    },
    abort(id, reason) {
      running.get(id)?.abort(reason);
      checks.abort(id, reason);
    },
  };
}
