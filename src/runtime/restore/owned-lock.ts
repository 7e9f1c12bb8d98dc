import { dirname, join } from "node:path";

import { windowsError } from "../../base/errors.ts";
import { addinFolder, kitFolder } from "../../base/program-data.ts";
import type { HeldFile, HeldLock, NativeBinding } from "../native/binding.ts";
import {
  makeProtectedFolder,
  type ProtectionApi,
  type ReportForeign,
} from "../native/protected-folder.ts";
import { formatOwner, type LockOwner } from "./lock-owner.ts";

/** What locks are made with. */
export type LockApi = ProtectionApi & Pick<NativeBinding, "lockFile">;

export interface TakeLockOptions {
  /** Its path, below the kit's folder. */
  readonly file: string;
  readonly owner: LockOwner;
  readonly timeoutMs: number;
  /** Is told what stood in the way of the lock's folder and was set aside. */
  readonly report: ReportForeign;
}

// How often the owner of a lock shows that its event loop runs.
const BEAT_MS = 1000;

/**
 * Returns the lock of whoever stops or starts services: one for the machine, because add-ins share
 * services.
 *
 * Release 0.1.0 had a lock of its own for each add-in, which is not asked: `register` and the
 * installers replace the add-in's program, so none of its processes is of that release.
 */
export function servicesLock(): string {
  return join(kitFolder(), "services.lock");
}

/** Returns the lock of the one guardian of an add-in. */
export function guardianLock(clsid: string): string {
  return join(addinFolder(clsid), "guardian.lock");
}

/**
 * Takes a lock of this machine: nobody but SYSTEM and Administrators can take it, or keep others from
 * it. A process that ends gives it back. Its file tells others who has it, and that the event loop of
 * its owner runs.
 *
 * @returns `null` when another process has held it for `timeoutMs`.
 * @throws {@link WsbError} `ERR_WSB_WINDOWS_API` or `ERR_WSB_ACCESS_DENIED`: it cannot be made.
 */
export async function takeLock(
  api: LockApi,
  { file, owner, timeoutMs, report }: TakeLockOptions,
): Promise<HeldLock | null> {
  const hold = performance.now();
  const recordOf = (beat: number): Uint8Array => formatOwner(owner, { hold, beat });
  try {
    makeProtectedFolder(api, dirname(file), report);
    const held = await api.lockFile(file, recordOf(0), timeoutMs);
    return held && keepBeating(held, recordOf);
  } catch (error) {
    throw windowsError(
      `Cannot take the lock ${file}`,
      "Check that its folder belongs to SYSTEM or Administrators.",
      error,
    );
  }
}

function keepBeating(held: HeldFile, recordOf: (beat: number) => Uint8Array): HeldLock {
  let beat = 0;
  const timer = setInterval(() => {
    beat += 1;
    try {
      held.write(recordOf(beat));
    } catch {
      // The next beat tries again.
    }
  }, BEAT_MS);
  timer.unref();
  return {
    release() {
      clearInterval(timer);
      held.release();
    },
  };
}
