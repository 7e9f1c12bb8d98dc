import { win32 } from "node:path";

import type { NativeBinding } from "../native/binding.ts";
import { identify } from "../restore/living.ts";

/**
 * Identifies this boot of the machine by its service manager, the parent of every service. It runs
 * as long as the boot, and fast startup, which keeps services frozen over a shutdown, keeps it too.
 *
 * @param parentPid The parent of this service.
 * @returns `null` when the parent is not the service manager, or Windows does not tell.
 */
export function bootOf(
  api: Pick<NativeBinding, "processInfo">,
  parentPid: number = process.ppid,
): string | null {
  const parent = identify(api, parentPid);
  if (parent === null || win32.basename(parent.image).toLowerCase() !== "services.exe") return null;
  return `${parent.pid} ${parent.startedAt}`;
}
