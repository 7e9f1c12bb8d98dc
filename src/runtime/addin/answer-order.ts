import { errorSentence, type MapStack } from "../../base/error-chain.ts";
import { WsbError } from "../../base/errors.ts";
import type { Emit } from "../events/emit.ts";
import type { NativeBinding } from "../native/binding.ts";
import { HandlerFailure, callWithin, type After } from "./call-handler.ts";
import type { Addin, AddinHandlers } from "./define-addin.ts";
import { failureFields } from "./failure.ts";
import type { HandlerAnswer, HandlerOrder } from "./handler-protocol.ts";

/** What an order needs besides its input and output. */
export interface OrderSetting {
  readonly load: () => Promise<Addin>;
  readonly after: After;
  readonly emit: Emit;
  readonly startProcess: NativeBinding["startProcess"];
  readonly mapStack: MapStack;
}

/** Runs the handler of an order. A failure becomes an event, and the answer; never rejects. */
export async function answerOrder(
  order: HandlerOrder,
  { load, after, emit, startProcess, mapStack }: OrderSetting,
): Promise<HandlerAnswer> {
  const { handler, limitMs } = order;
  let handlers: AddinHandlers;
  try {
    ({ handlers } = await load());
  } catch (error) {
    return failed(error);
  }
  if (handlers[handler] === undefined) return { answer: "noHandler" };
  const setting = { handler, limitMs, after, emit, startProcess };
  try {
    return await callWithin(setting, async (context) => {
      if (order.handler === "restoreAbandoned") {
        return decisionOf(await handlers.restoreAbandoned?.(order.request, context));
      }
      await handlers.afterServicesStart?.(order.request, context);
      return { answer: "done" };
    });
  } catch (error) {
    const origin = error instanceof HandlerFailure ? error.cause : error;
    emit({
      event: "handlerFailed",
      method: handler,
      ...failureFields(handler, origin, mapStack),
    });
    return failed(error);
  }
}

function decisionOf(decision: unknown): HandlerAnswer {
  if (decision === "startServices" || decision === "keepStopped") return { answer: decision };
  throw new WsbError(
    "ERR_WSB_HANDLER",
    'restoreAbandoned must return "startServices" or "keepStopped".',
  );
}

function failed(error: unknown): HandlerAnswer {
  const code = error instanceof WsbError ? error.code : "ERR_WSB_HANDLER";
  return { answer: "failed", code, text: errorSentence(error) };
}
