import { bothSentences, errorSentence } from "../../base/error-chain.ts";
import { WsbError } from "../../base/errors.ts";
import { HRESULT } from "../../base/hresult.ts";
import { readLater } from "../metadata/parse.ts";
import type {
  MethodName,
  NativeBinding,
  NativeCall,
  NativeReply,
  RestoreArguments,
} from "../native/binding.ts";
import type { RestoreSession } from "../restore/session.ts";
import type { Restoring } from "../restore/journal/components.ts";
import { callHandler } from "./call-handler.ts";
import type { Call } from "./call.ts";
import { unpackComponents } from "./components.ts";
import type { AddinHandlers, HandlerContext, RestoreRequest } from "./define-addin.ts";
import { positionsOf } from "./order.ts";
import type { OrderedComponents } from "./ordered-components.ts";

/** The methods whose answer waits for their handler. */
export type StageMethod = Exclude<MethodName, "checkConsistency">;

/** The parts of an add-in that stages use. */
export interface StageParts {
  readonly handlers: AddinHandlers;
  readonly session: RestoreSession;
  /** Remembers the components of each client's last OrderComponents. */
  readonly ordered: OrderedComponents;
  readonly startProcess: NativeBinding["startProcess"];
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
  async preRestore(call, args, parts) {
    const { handlers, session } = parts;
    const restoring = restoringOf(call, args);
    const { noRollForward } = args;
    await session.enter({ ...restoring, noRollForward }, call.signal);
    try {
      await runHandler(call, parts, (context) =>
        handlers.preRestore?.(restoreRequest(args), context),
      );
      await session.prepared(restoring);
    } catch (error) {
      await finishAfter(session, restoring, { kind: "notPrepared", error });
    }
    return OK;
  },

  async postRestore(call, args, parts) {
    const { handlers, session } = parts;
    const restoring = restoringOf(call, args);
    try {
      await runHandler(call, parts, (context) =>
        handlers.postRestore?.(restoreRequest(args), context),
      );
    } catch (error) {
      await finishAfter(session, restoring, { kind: "postRestoreFailed", error });
    }
    await session.finish(restoring, { kind: "restored" });
    return OK;
  },

  async orderComponents(call, args, parts) {
    const components = unpackComponents(args);
    // The answer is compared with the request, so a handler must not change the request in place.
    for (const component of components) Object.freeze(component);
    Object.freeze(components);
    parts.ordered.note(call.client, components);
    const order =
      (await runHandler(call, parts, (context) =>
        parts.handlers.orderComponents?.({ components }, context),
      )) ?? null;
    // With S_OK, the caller might use the pointer, which is NULL without an order.
    if (order === null) return { hresult: HRESULT.S_FALSE, order };
    return { ...OK, order: positionsOf(components, order) };
  },

  async isRollForwardSupported(call, _args, parts) {
    const supported: unknown =
      (await runHandler(call, parts, (context) =>
        parts.handlers.isRollForwardSupported?.(context),
      )) ?? false;
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
  if (args.method !== "preRestore") return;
  const end = { kind: "notPrepared", text: "the caller no longer waited" } as const;
  await session.finish(restoringOf(call, args), end);
}

function restoreRequest(args: RestoreArguments): RestoreRequest {
  const { writerMetadata, componentName, logicalPath, noRollForward } = args;
  const metadata = readLater(writerMetadata);
  return { writerMetadata, metadata, componentName, logicalPath, noRollForward };
}

/** Waits for a handler, but not beyond its limit, so that services do not stay stopped. */
function runHandler<T>(
  { method: handler, signal, emit }: Call,
  { startProcess }: StageParts,
  run: (context: HandlerContext) => T | Promise<T>,
): Promise<T> {
  return callHandler({ handler, signal, emit, startProcess }, run);
}

function restoringOf(
  { client, id }: Call,
  { componentName, logicalPath }: RestoreArguments,
): Restoring {
  return { component: { componentName, logicalPath }, client, call: id };
}

/** A failed component and its error. */
interface Failed {
  readonly kind: "notPrepared" | "postRestoreFailed";
  readonly error: unknown;
}

/**
 * Ends a failed component and throws its error; adds the consequences for the services, such as a
 * service that fails to start.
 */
async function finishAfter(
  session: RestoreSession,
  restoring: Restoring,
  { kind, error }: Failed,
): Promise<never> {
  try {
    await session.finish(restoring, { kind, text: errorSentence(error) });
  } catch (services) {
    throw new WsbError("ERR_WSB_HANDLER", bothSentences(error, services), { cause: error });
  }
  throw error;
}
