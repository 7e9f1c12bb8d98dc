import { errorText } from "../../base/errors.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { NativeBinding } from "../native/binding.ts";
import { lockAddin } from "../restore/addin-lock.ts";
import { runGuardian } from "../restore/guardian.ts";
import { recoverSession } from "../restore/recover.ts";
import { openSessionParts, openSessionRecorder } from "./session-parts.ts";

/** What the modes of a server that serve no COM class work on. */
export interface GuardOptions {
  readonly api: NativeBinding;
  readonly manifest: Manifest;
  readonly clsid: string;
}

/**
 * Runs as the guardian of the add-in's session until it has ended.
 *
 * @returns Exit code.
 */
export async function guard(options: GuardOptions): Promise<number> {
  const { api, manifest, clsid } = options;
  const { record } = openSessionRecorder(api, manifest, clsid, "guardian");
  try {
    const end = await runGuardian({
      ...openSessionParts(api, manifest, clsid, record),
      takePlace: () => lockAddin(api, clsid, "guardian", 0),
      abandonAfterMs: manifest.abandonAfterMs,
    });
    return end === "left" ? 1 : 0;
  } catch (error) {
    record({ event: "message", level: "error", text: `The guardian ended: ${errorText(error)}` });
    return 1;
  }
}

/**
 * Ends a restore session that the machine's own end has broken off; what a start-up task runs.
 *
 * @returns Exit code: 0 when nothing is left to do.
 */
export async function recoverAtBoot(options: GuardOptions): Promise<number> {
  const { api, manifest, clsid } = options;
  const { record } = openSessionRecorder(api, manifest, clsid, "recover");
  try {
    const parts = openSessionParts(api, manifest, clsid, record);
    const outcome = await recoverSession({ ...parts, force: false });
    return outcome.state === "left" ? 1 : 0;
  } catch (error) {
    record({ event: "message", level: "error", text: errorText(error) });
    return 1;
  }
}
