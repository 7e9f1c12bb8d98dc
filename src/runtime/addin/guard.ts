import { errorSentence } from "../../base/error-chain.ts";
import { errorsTo } from "../events/emit.ts";
import type { AddinManifest } from "../manifest/manifest.ts";
import type { NativeBinding } from "../native/binding.ts";
import { guardianLock, takeLock } from "../restore/owned-lock.ts";
import { runGuardian } from "../restore/guardian.ts";
import { recoverSession } from "../restore/recover.ts";
import { endHooks } from "./end-hooks.ts";
import { selfCommand } from "./self-command.ts";
import { identifyThisProcess, openSessionParts } from "./session-parts.ts";

/**
 * Runs as the guardian of the add-in's session until the session has ended.
 *
 * @returns The exit code.
 */
export async function guard(api: NativeBinding, manifest: AddinManifest): Promise<number> {
  const parts = openSessionParts({ api, manifest, role: "guardian" });
  const { emit } = parts;
  try {
    const self = { ...identifyThisProcess(api), doing: "guardian" };
    const file = guardianLock(manifest.addin.clsid);
    const end = await runGuardian({
      ...parts,
      endHooks: endHooks({ api, emit, manifest, command: selfCommand([]) }),
      takePlace: () => takeLock(api, { file, owner: self, timeoutMs: 0, report: errorsTo(emit) }),
    });
    return end === "gave up" ? 1 : 0;
  } catch (error) {
    const text = `The guardian ended: ${errorSentence(error)}`;
    emit({ event: "message", level: "error", text });
    return 1;
  }
}

/**
 * Ends a restore session that a shutdown interrupted; the start-up task runs it.
 *
 * @returns The exit code: 0 when nothing remains to be done.
 */
export async function recoverAtBoot(api: NativeBinding, manifest: AddinManifest): Promise<number> {
  const parts = openSessionParts({ api, manifest, role: "recover" });
  const { emit } = parts;
  try {
    const hooks = endHooks({ api, emit, manifest, command: selfCommand([]) });
    const outcome = await recoverSession({
      ...parts,
      endHooks: hooks,
      decision: "undecided",
      force: false,
    });
    return outcome.state === "services stopped" || outcome.state === "abandoned" ? 1 : 0;
  } catch (error) {
    emit({ event: "message", level: "error", text: errorSentence(error) });
    return 1;
  }
}
