import type { ProcessIdentity } from "../../base/process-identity.ts";
import type { NativeBinding } from "../native/binding.ts";
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

/** A client that has called, and that is watched from then on. */
interface KnownClient {
  readonly identity: ProcessIdentity;
  /** Called at its exit. */
  readonly callbacks: Set<() => void>;
}

/**
 * The processes of this machine.
 *
 * A client is looked at with its first call alone: the watch that begins then holds its process, and
 * as long as somebody holds a process no other one gets its id.
 */
export function clientsOn(api: Pick<NativeBinding, "processInfo" | "waitForProcessExit">): Clients {
  const known = new Map<number, KnownClient>();

  const watch = (identity: ProcessIdentity): KnownClient => {
    const { pid, startedAt } = identity;
    const client = { identity, callbacks: new Set<() => void>() };
    const { exited } = api.waitForProcessExit(pid, startedAt);
    known.set(pid, client);
    void exited.then(() => {
      if (known.get(pid) === client) known.delete(pid);
      for (const callback of client.callbacks) callback();
    });
    return client;
  };

  return {
    identify(clientPid) {
      const client = known.get(clientPid);
      if (client !== undefined) return client.identity;
      const identity = identify(api, clientPid);
      if (identity !== null) watch(identity);
      return identity;
    },
    onExit(identity, callback) {
      const client = known.get(identity.pid);
      const { callbacks } =
        client?.identity.startedAt === identity.startedAt ? client : watch(identity);
      callbacks.add(callback);
      return () => callbacks.delete(callback);
    },
  };
}
