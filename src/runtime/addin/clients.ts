import type { ProcessIdentity } from "../../base/process-identity.ts";
import type { NativeBinding } from "../native/binding.ts";
import { identify } from "../restore/living.ts";

/** The processes that call the add-in. */
export interface Clients {
  /** Identifies a client; returns `null` when Windows cannot. */
  identify(clientPid: number): ProcessIdentity | null;
  /**
   * Calls back once after the client has exited.
   *
   * @returns A function that ends the watch; idempotent.
   */
  onExit(client: ProcessIdentity, callback: () => void): () => void;
}

/** A client that has called, and that is watched since. */
interface KnownClient {
  readonly identity: ProcessIdentity;
  /** Functions to call when it exits. */
  readonly callbacks: Set<() => void>;
}

/**
 * Returns the clients on this machine.
 *
 * Looks up a client only at its first call: the watch that starts then holds a handle of its
 * process, and Windows does not reuse the id of a process while a handle is open.
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
