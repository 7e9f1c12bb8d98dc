import { showComponent, type Component } from "../../../base/component.ts";
import type { ProcessIdentity } from "../../../base/process-identity.ts";
import type { Change, ComponentPhase, ComponentProgress } from "./step.ts";

/** A component as one client restores it: two clients may restore the same component. */
export interface Restoring {
  readonly component: Component;
  /** `null` when Windows does not tell who calls. */
  readonly client: ProcessIdentity | null;
  /** Tells one PreRestore of a component from the next, in the process that serves both. */
  readonly call?: number;
}

/** Tells whether somebody may still come to finish a component. */
export function isActive({ phase }: ComponentProgress): boolean {
  return phase === "preparing" || phase === "prepared";
}

function isAwaited(progress: ComponentProgress): boolean {
  return isActive(progress) || progress.phase === "left";
}

function clientKey(client: ProcessIdentity | null): string {
  return client === null ? "" : `${client.pid} ${client.startedAt}`;
}

/** What a component has for itself, as one client restores it. */
export function keyOf(
  { componentName, logicalPath }: Component,
  client: ProcessIdentity | null,
): string {
  return JSON.stringify([componentName, logicalPath, clientKey(client)]);
}

// Two more steps, with names and texts of which each character takes at most six bytes.
const STEP_BYTES = 2048;
const CHARACTER_BYTES = 12;

function roomFor({ componentName, logicalPath }: Component): number {
  const characters = (componentName?.length ?? 0) + (logicalPath?.length ?? 0);
  return 2 * STEP_BYTES + CHARACTER_BYTES * characters;
}

/** The components of one client that somebody may still come to finish. */
export interface AwaitedClient {
  readonly client: ProcessIdentity | null;
  readonly components: ReadonlyMap<string, ComponentProgress>;
}

/**
 * The components of a session. A session can have 10,000 of them, and each call asks about one:
 * nothing here takes longer as they grow, except where all are asked for.
 */
export class Components {
  #roomBytes = 0;
  readonly #all = new Map<string, ComponentProgress>();
  readonly #awaited = new Map<
    string,
    AwaitedClient & { components: Map<string, ComponentProgress> }
  >();
  readonly #abandoned = new Map<string, ComponentProgress>();
  /** Services that ran while a component was being restored, by the component's key. */
  readonly #ran = new Map<string, readonly string[]>();
  /** The keys of each component, whoever restores it. */
  readonly #byName = new Map<string, Set<string>>();

  get all(): readonly ComponentProgress[] {
    return [...this.#all.values()];
  }

  /** Each component once, whoever restores it. */
  get distinct(): readonly Component[] {
    return [...this.#byName.values()].flatMap((keys) => {
      const one = [...keys].map((key) => this.#all.get(key))[0];
      if (one === undefined) return [];
      return [{ componentName: one.componentName, logicalPath: one.logicalPath }];
    });
  }

  /** Those that somebody may still come to finish, by client. */
  get awaited(): readonly AwaitedClient[] {
    return [...this.#awaited.values()];
  }

  /** The room that the steps of awaited components may still need, in bytes. */
  get roomBytes(): number {
    return this.#roomBytes;
  }

  get isAwaited(): boolean {
    return this.#awaited.size > 0;
  }

  /** Those whose files may be half restored. */
  get abandoned(): readonly ComponentProgress[] {
    return [...this.#abandoned.values()];
  }

  find({ component, client }: Restoring): ComponentProgress | undefined {
    return this.#all.get(keyOf(component, client));
  }

  /** The same component as other clients restore it. */
  sameComponent(component: Component): readonly ComponentProgress[] {
    const keys = this.#byName.get(keyOf(component, null)) ?? [];
    return [...keys].flatMap((key) => this.#all.get(key) ?? []);
  }

  /** The services that ran while a component was being restored. */
  ranDuring({ component, client }: Restoring): readonly string[] {
    return this.#ran.get(keyOf(component, client)) ?? [];
  }

  /** Whether a service is noted as having run during the restore of every prepared component. */
  isRanNoted(service: string): boolean {
    const prepared = this.awaited.flatMap(({ components }) =>
      [...components].filter(([, { phase }]) => phase === "prepared").map(([key]) => key),
    );
    const hasIt = (key: string): boolean => this.#ran.get(key)?.includes(service) === true;
    return prepared.length > 0 && prepared.every(hasIt);
  }

  set(progress: ComponentProgress): void {
    const key = keyOf(progress, progress.client);
    this.#all.set(key, progress);
    this.#name(progress, key);
    if (progress.phase === "abandoned") this.#abandoned.set(key, progress);
    else this.#abandoned.delete(key);
    // A PreRestore begins anew: what ran before it no longer counts. One that was given up may still
    // be finished by its own client, late.
    if (progress.phase !== "prepared" && progress.phase !== "abandoned") this.#ran.delete(key);
    this.#await(progress, key);
  }

  /** Notes services that ran while every prepared component was being restored. */
  addRan(services: readonly string[]): void {
    for (const { components } of this.#awaited.values()) {
      for (const [key, { phase }] of components) {
        if (phase !== "prepared") continue;
        this.#ran.set(key, [...new Set([...(this.#ran.get(key) ?? []), ...services])]);
      }
    }
  }

  #name(component: Component, key: string): void {
    const name = keyOf(component, null);
    const keys = this.#byName.get(name) ?? new Set();
    this.#byName.set(name, keys.add(key));
  }

  #await(progress: ComponentProgress, key: string): void {
    const { client } = progress;
    const mine = this.#awaited.get(clientKey(client)) ?? { client, components: new Map() };
    if (mine.components.has(key)) this.#roomBytes -= roomFor(progress);
    if (isAwaited(progress)) this.#roomBytes += roomFor(progress);
    if (isAwaited(progress)) mine.components.set(key, progress);
    else mine.components.delete(key);
    if (mine.components.size > 0) this.#awaited.set(clientKey(client), mine);
    else this.#awaited.delete(clientKey(client));
  }
}

/** Returns components for people, each once, as VSS tools write them. */
export function showComponents(components: readonly Component[]): readonly string[] {
  return [...new Set(components.map(showComponent))];
}

/** Puts a component into another phase. */
export function toPhase(one: ComponentProgress, phase: ComponentPhase): Change {
  return { type: "component", ...one, phase };
}
