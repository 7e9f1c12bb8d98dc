import { errorSentence } from "../../base/error-chain.ts";
import type { Emit } from "../events/emit.ts";
import type { AddinManifest } from "../manifest/manifest.ts";
import type { NativeBinding } from "../native/binding.ts";
import type { EndHooks } from "../restore/settle.ts";
import { createProcessHooks } from "./process-hooks.ts";
import type { SelfCommand } from "./self-command.ts";

export interface EndHookOptions {
  readonly api: Pick<NativeBinding, "startProcess">;
  readonly emit: Emit;
  readonly manifest: AddinManifest;
  /** How to start the add-in's server: `selfCommand([])` in one of its processes. */
  readonly command: SelfCommand;
}

/** Returns the hooks of a process that ends sessions: each handler runs in a process of its own. */
export function endHooks({ api, emit, manifest, command }: EndHookOptions): EndHooks {
  const hooks = createProcessHooks({
    command,
    timeoutsMs: manifest.timeoutsMs,
    startProcess: (options) => api.startProcess(options),
    emit,
  });
  return {
    async afterServicesStart(info) {
      try {
        await hooks.afterServicesStart(info);
      } catch (error) {
        const text = `The services run, but afterServicesStart failed: ${errorSentence(error)}`;
        emit({ event: "message", level: "error", text });
      }
    },
    async restoreAbandoned(info) {
      const answer = await hooks.restoreAbandoned(info);
      return answer === "noHandler" ? "keepStopped" : answer;
    },
  };
}
