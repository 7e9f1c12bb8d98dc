import { namesOf } from "../../base/component.ts";
import type { HandlerName } from "../../base/handler-name.ts";
import type { Emit } from "../events/emit.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { NativeBinding } from "../native/binding.ts";
import type { SessionHooks } from "../restore/hooks.ts";
import { afterRealTime, callWithin, type After } from "./call-handler.ts";
import type { AddinHandlers, HandlerContext } from "./define-addin.ts";
import type { OrderedComponents } from "./ordered-components.ts";

export interface HandlerHooksOptions {
  readonly handlers: AddinHandlers;
  readonly timeoutsMs: Manifest["timeoutsMs"];
  readonly emit: Emit;
  readonly startProcess: NativeBinding["startProcess"];
  /** What the clients named in OrderComponents. */
  readonly ordered: OrderedComponents;
  /** @defaultValue real time */
  readonly after?: After;
}

/**
 * Returns the hooks of a session that is served in this process: they call the add-in's handlers. A
 * failure is a {@link HandlerFailure}, which becomes an event when the COM call fails.
 */
export function createHandlerHooks(options: HandlerHooksOptions): SessionHooks {
  const { handlers, timeoutsMs, emit, startProcess, ordered, after = afterRealTime } = options;
  const call = (
    handler: HandlerName,
    signal: AbortSignal | undefined,
    run: (context: HandlerContext) => void | Promise<void>,
  ): Promise<void> => {
    const limitMs = timeoutsMs[handler];
    return callWithin({ handler, limitMs, signal, after, emit, startProcess }, run);
  };
  return {
    async beforeServicesStop({ restoring, noRollForward, services }, signal) {
      if (handlers.beforeServicesStop === undefined) return;
      const request = { components: ordered.of(restoring), noRollForward, services };
      await call("beforeServicesStop", signal, (context) =>
        handlers.beforeServicesStop?.(request, context),
      );
    },
    async afterServicesStart({ services, components }, signal) {
      if (handlers.afterServicesStart === undefined) return;
      const request = { services, components: components.map(namesOf) };
      await call("afterServicesStart", signal, (context) =>
        handlers.afterServicesStart?.(request, context),
      );
    },
  };
}
