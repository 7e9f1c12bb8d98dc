import { namesOf } from "../../base/component.ts";
import type { Emit } from "../events/emit.ts";
import type { Manifest, OnAbandonedRestore } from "../manifest/manifest.ts";
import type { NativeBinding } from "../native/binding.ts";
import type { SessionHooks } from "../restore/hooks.ts";
import type { AbandonedComponent, RestoreAbandonedRequest } from "./define-addin.ts";
import type { LoneHandler } from "./handler-protocol.ts";
import { runHandlerProcess, type RunHandlerOptions } from "./run-handler.ts";
import type { SelfCommand } from "./self-command.ts";

export interface ProcessHooksOptions {
  /** How to start the add-in's server: `selfCommand([])` in one of its processes. */
  readonly command: SelfCommand;
  readonly timeoutsMs: Pick<Manifest["timeoutsMs"], LoneHandler>;
  readonly startProcess: NativeBinding["startProcess"];
  readonly emit: Emit;
}

/** The hooks of a session that a guardian, the start-up task or `wsb-addin recover` ends. */
export interface ProcessHooks extends Pick<SessionHooks, "afterServicesStart"> {
  /**
   * Asks the handler what becomes of the services of an abandoned restore.
   *
   * @returns `"keepStopped"` after any failure, which is an event then; `"noHandler"` when the add-in
   * does not have the handler. Rejects only after an abort, with the signal's reason.
   */
  restoreAbandoned(
    request: RestoreAbandonedRequest,
    signal?: AbortSignal,
  ): Promise<OnAbandonedRestore | "noHandler">;
}

/** Returns only what the request defines: the process refuses other fields. */
function plainComponent(component: AbandonedComponent): AbandonedComponent {
  const { outcome, client, noRollForward } = component;
  return {
    ...namesOf(component),
    outcome,
    client: client === null ? null : { pid: client.pid, image: client.image },
    noRollForward,
  };
}

/** Returns hooks that call the add-in's handlers in processes of their own. */
export function createProcessHooks(options: ProcessHooksOptions): ProcessHooks {
  const { command, timeoutsMs } = options;
  const optionsOf = (name: LoneHandler, signal: AbortSignal | undefined): RunHandlerOptions => {
    const { startProcess, emit } = options;
    return { startProcess, emit, timeoutMs: timeoutsMs[name], signal };
  };
  return {
    async afterServicesStart({ services, components }, signal) {
      const request = { services, components: components.map(namesOf) };
      const name = "afterServicesStart";
      await runHandlerProcess(command, name, request, optionsOf(name, signal));
    },
    async restoreAbandoned({ components, services }, signal) {
      const name = "restoreAbandoned";
      const request = { services, components: components.map(plainComponent) };
      try {
        return await runHandlerProcess(command, name, request, optionsOf(name, signal));
      } catch {
        signal?.throwIfAborted();
        return "keepStopped";
      }
    },
  };
}
