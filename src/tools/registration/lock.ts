import { join } from "node:path";

import { WsbError } from "../../base/errors.ts";
import { kitFolder } from "../../base/program-data.ts";
import { identifyThisProcess } from "../../runtime/addin/session-parts.ts";
import type { NativeBinding } from "../../runtime/native/binding.ts";
import type { ReportForeign } from "../../runtime/native/protected-folder.ts";
import { describeOwner } from "../../runtime/restore/lock-watch.ts";
import { takeLock, type LockApi } from "../../runtime/restore/owned-lock.ts";

// Longer than a registration, which waits up to a minute for the activation.
const WAIT_MS = 5 * 60_000;

export interface RegistrationLockOptions {
  readonly api: LockApi & Pick<NativeBinding, "processInfo">;
  /** Is told what stood in the way of the lock's folder and was set aside. */
  readonly report: ReportForeign;
}

/** Returns the lock of the one command of this machine that registers or unregisters an add-in. */
export function registrationLock(): string {
  return join(kitFolder(), "registration.lock");
}

/**
 * Runs `work` while no other process of this machine registers or unregisters an add-in.
 *
 * @throws {@link WsbError} `ERR_WSB_TIMEOUT` if another process does not finish; it is not ended, because
 * it may wait for the activation. `ERR_WSB_WINDOWS_API` or `ERR_WSB_ACCESS_DENIED`: the lock cannot be
 * made.
 */
export async function withRegistrationLock<T>(
  { api, report }: RegistrationLockOptions,
  work: () => T | Promise<T>,
): Promise<T> {
  const file = registrationLock();
  const owner = { ...identifyThisProcess(api), doing: "registration" };
  const held = await takeLock(api, { file, owner, timeoutMs: WAIT_MS, report });
  if (held === null) {
    throw new WsbError(
      "ERR_WSB_TIMEOUT",
      `Another registration has been running for ${WAIT_MS / 60_000} minutes; nothing was changed. ${describeOwner(api, file)} End that process.`,
    );
  }
  try {
    return await work();
  } finally {
    held.release();
  }
}
