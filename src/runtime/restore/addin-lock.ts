import { join } from "node:path";

import { windowsError } from "../../base/errors.ts";
import type { HeldLock, NativeBinding } from "../native/binding.ts";
import { addinFolder, kitFolder } from "../../base/program-data.ts";

/** What locks are made with. */
export type LockApi = Pick<NativeBinding, "createProtectedFolder" | "lockFile">;

/**
 * Takes the machine's one `{name}.lock` of an add-in, in the folder of its journal: nobody but SYSTEM
 * and Administrators can take it, or keep others from it. A process that ends gives it back.
 *
 * @returns `null` when another process has held it for `timeoutMs`.
 * @throws {@link WsbError} `ERR_WSB_WINDOWS_API` or `ERR_WSB_ACCESS_DENIED`: it cannot be made.
 */
export async function lockAddin(
  api: LockApi,
  clsid: string,
  name: "session" | "guardian",
  timeoutMs: number,
): Promise<HeldLock | null> {
  const file = join(addinFolder(clsid), `${name}.lock`);
  try {
    api.createProtectedFolder(kitFolder());
    api.createProtectedFolder(addinFolder(clsid));
    return await api.lockFile(file, timeoutMs);
  } catch (error) {
    throw windowsError(
      `Cannot take the lock ${file}`,
      "Check that its folder belongs to SYSTEM or Administrators.",
      error,
    );
  }
}
