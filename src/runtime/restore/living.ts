import type { ProcessIdentity } from "../../base/process-identity.ts";
import type { NativeBinding } from "../native/binding.ts";
import type { Living } from "./abandoned.ts";

type ProcessApi = Pick<NativeBinding, "processInfo">;

/** Tells living processes from dead ones and from later ones with the same id. */
export function livingOn(api: ProcessApi): Living {
  return {
    isAlive({ pid, startedAt }) {
      try {
        return api.processInfo(pid)?.startedAt === startedAt;
      } catch {
        // It may not be asked, so it is there: services are not started under a restore.
        return true;
      }
    },
  };
}

/** Identity of a running process; `null` when it has gone or may not be asked. */
export function identify(api: ProcessApi, pid: number): ProcessIdentity | null {
  if (pid === 0) return null;
  try {
    return api.processInfo(pid);
  } catch {
    return null;
  }
}
