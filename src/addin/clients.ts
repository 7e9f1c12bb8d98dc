import type { NativeBinding } from "../native/binding.ts";
import type { ProcessIdentity } from "../restore/journal.ts";
import { identify } from "../restore/living.ts";

/** What the add-in knows of the processes that call it. */
export interface Clients {
  /** `null` when Windows does not tell who calls. */
  identify(clientPid: number): ProcessIdentity | null;
  /**
   * Calls back once when the client has exited.
   *
   * @returns Ends the watch; idempotent.
   */
  onExit(client: ProcessIdentity, callback: () => void): () => void;
}

/** The processes of this machine. */
export function clientsOn(api: Pick<NativeBinding, "processInfo" | "waitForProcessExit">): Clients {
  return {
    identify: (clientPid) => identify(api, clientPid),
    onExit({ pid, startedAt }, callback) {
      const wait = api.waitForProcessExit(pid, startedAt);
      void wait.exited.then(callback);
      return () => wait.close();
    },
  };
}
