import type { Component } from "../../base/component.ts";
import { WsbError, errorText } from "../../base/errors.ts";
import { HRESULT } from "../../base/hresult.ts";
import { readLater } from "../metadata/parse.ts";
import type { MethodName, NativeCall, NativeReply, RestoreArguments } from "../native/binding.ts";
import type { RestoreSession } from "../restore/session.ts";
import type { Call } from "./call.ts";
import { unpackComponents } from "./components.ts";
import type { AddinHandlers, HandlerContext, RestoreRequest } from "./define-addin.ts";
import { handlerContext } from "./handler-context.ts";
import { rejectOnAbort } from "./limit.ts";
import { positionsOf } from "./order.ts";

/** The methods whose answer waits for their handler. */
export type StageMethod = Exclude<MethodName, "checkConsistency">;

/** The parts of an add-in that stages use. */
export interface StageParts {
  readonly handlers: AddinHandlers;
  readonly session: RestoreSession;
}

/** Turns a call's arguments into its answer; a rejection fails the call. */
type Stage<Method extends StageMethod> = (
  call: Call,
  args: NativeCall<Method>,
  parts: StageParts,
) => Promise<NativeReply>;

const OK: NativeReply = { hresult: HRESULT.S_OK };

/** The stage of each method: here a COM call becomes a handler call. */
const stages: { readonly [Method in StageMethod]: Stage<Method> } = {
  async preRestore(call, args, { handlers, session }) {
    await session.enter(args, call.client, call.signal);
    try {
      await runHandler(call, (context) => handlers.preRestore?.(restoreRequest(args), context));
      await session.prepared(args);
    } catch (error) {
      await finishAfter(session, args, error);
      throw error;
    }
    return OK;
  },

  async postRestore(call, args, { handlers, session }) {
    try {
      await runHandler(call, (context) => handlers.postRestore?.(restoreRequest(args), context));
    } catch (error) {
      await finishAfter(session, args, error);
      throw error;
    }
    await session.finish(args, "ok");
    return OK;
  },

  async orderComponents(call, args, { handlers }) {
    const components = unpackComponents(args);
    // The answer is compared with the request, so a handler must not change the request in place.
    for (const component of components) Object.freeze(component);
    Object.freeze(components);
    const order = (await handlers.orderComponents?.({ components }, handlerContext(call))) ?? null;
    return { ...OK, order: order === null ? null : positionsOf(components, order) };
  },

  async isRollForwardSupported(call, _args, { handlers }) {
    const supported: unknown =
      (await handlers.isRollForwardSupported?.(handlerContext(call))) ?? false;
    if (typeof supported !== "boolean") {
      throw new WsbError("ERR_WSB_HANDLER", "isRollForwardSupported must return true or false.");
    }
    return { ...OK, rollForwardSupported: supported };
  },
};

/** Runs the stage of a call's method. */
export function runStage<Method extends StageMethod>(
  call: Call,
  args: NativeCall<Method>,
  parts: StageParts,
): Promise<NativeReply> {
  return stages[args.method](call, args, parts);
}

/** Undoes a stage that succeeded after the caller was told that it failed. */
export async function takeBack(call: Call, { session }: StageParts): Promise<void> {
  const args = call.arguments;
  if (args.method === "preRestore") await session.finish(args, "the caller no longer waited");
}

function restoreRequest(args: RestoreArguments): RestoreRequest {
  const { writerMetadata, componentName, logicalPath, noRollForward } = args;
  const metadata = readLater(writerMetadata);
  return { writerMetadata, metadata, componentName, logicalPath, noRollForward };
}

/** Waits for a handler, but not beyond its limit, so that services do not stay stopped. */
async function runHandler(call: Call, run: (context: HandlerContext) => unknown): Promise<void> {
  const { signal } = call;
  signal.throwIfAborted();
  await Promise.race([run(handlerContext(call)), rejectOnAbort(signal)]);
  signal.throwIfAborted();
}

/** Finishes a component after an error; adds a service that does not start to the error's text. */
async function finishAfter(
  session: RestoreSession,
  component: Component,
  error: unknown,
): Promise<void> {
  try {
    await session.finish(component, errorText(error));
  } catch (restart) {
    throw new WsbError("ERR_WSB_HANDLER", `${errorText(error)} ${errorText(restart)}`, {
      cause: error,
    });
  }
}
