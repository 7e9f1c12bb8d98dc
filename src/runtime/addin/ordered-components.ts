import { isSameComponent, type Component } from "../../base/component.ts";
import type { ProcessIdentity } from "../../base/process-identity.ts";
import type { Restoring } from "../restore/journal/components.ts";

const MAX_CLIENTS = 16;

function keyOf(client: ProcessIdentity | null): string {
  return client === null ? "" : `${client.pid} ${client.startedAt}`;
}

/** The components that each client named in its last call of OrderComponents. */
export class OrderedComponents {
  readonly #byClient = new Map<string, readonly Component[]>();

  /** Notes the components of a call; of many clients, only the latest are remembered. */
  note(client: ProcessIdentity | null, components: readonly Component[]): void {
    const key = keyOf(client);
    // Deleted first, because a map keeps the place of a key that it knows.
    this.#byClient.delete(key);
    this.#byClient.set(key, components);
    const [oldest] = this.#byClient.keys();
    if (this.#byClient.size > MAX_CLIENTS && oldest !== undefined) this.#byClient.delete(oldest);
  }

  /**
   * Returns the components that a client restores: those of its last call, if this component is one
   * of them, else only this component.
   */
  of({ component, client }: Restoring): readonly Component[] {
    const ordered = this.#byClient.get(keyOf(client));
    const isOrdered = ordered?.some((one) => isSameComponent(one, component)) ?? false;
    return isOrdered && ordered !== undefined ? ordered : [component];
  }
}
