import type { RawRegistryValue } from "../../../src/runtime/native/binding.ts";
import { sameValue } from "../../../src/tools/registration/registry-value.ts";
import type { PlanEntry } from "../../../src/tools/registration/plan.ts";
import type { MachineRegistry } from "../machine/registry.ts";
import type { Process } from "../machine/processes.ts";
import { slotId, type InitialRegistry } from "./variants.ts";

/** A state that a command leads to as a whole. */
export interface Target {
  /** The registered variant; `undefined` for none. */
  readonly variant: number | undefined;
  readonly hasTask: boolean;
}

export const NOT_REGISTERED: Target = { variant: undefined, hasTask: false };

/** What really is, for the invariants; no code of the kit sees it. */
export class Truth {
  /** The states that the machine may be in as a whole. */
  #settled: readonly Target[];
  /** Where the commands that run want to lead it. */
  readonly #pending = new Map<Process, Target>();
  /** Where commands may have led it without saying so. */
  #unsure: readonly Target[] = [];
  /** The values that somebody else has set since the kit did; `null` for a deleted one. */
  readonly edits = new Map<string, RawRegistryValue | null>();
  /** What was, or may have been, in a slot before the kit wrote to it. */
  readonly #bases = new Map<string, (RawRegistryValue | null)[]>();
  /** The record of a registration was taken away: what it replaced is known to nobody. */
  isRecordLost = false;
  /** Somebody else has made a key, or put something into one. */
  areKeysChanged = false;
  /** Somebody else has removed or replaced the express writer since the kit registered. */
  isWriterChanged = false;
  /** Somebody else has stopped, removed or replaced the service since the kit registered. */
  isServiceChanged = false;

  constructor({ values }: InitialRegistry, beginning: Target) {
    this.#settled = [beginning];
    for (const slot of values) this.#bases.set(slotId(slot), [slot.value]);
  }

  get settled(): readonly Target[] {
    return this.#settled;
  }

  get candidates(): readonly Target[] {
    return [...this.#settled, ...this.#pending.values()];
  }

  get unsure(): readonly Target[] {
    return [...this.#unsure, ...this.#pending.values()];
  }

  basesOf(id: string): readonly (RawRegistryValue | null)[] {
    return this.#bases.get(id) ?? [null];
  }

  begins(process: Process, target: Target): void {
    this.#pending.set(process, target);
  }

  /** A command has told its end. */
  ends(process: Process, isDone: boolean): void {
    const target = this.#pending.get(process);
    this.#pending.delete(process);
    if (target === undefined || !isDone) return;
    this.#settled = [target];
    this.#unsure = [];
  }

  /** A process has died: what it began may be done or not. */
  dies(process: Process): void {
    const target = this.#pending.get(process);
    this.#pending.delete(process);
    if (target !== undefined) this.mayBe(target);
  }

  mayBe(target: Target): void {
    this.#unsure = [...this.#unsure, target];
    this.#settled = [...this.#settled, target];
  }

  narrow(matching: readonly Target[]): void {
    if (this.#pending.size === 0) this.#settled = matching;
  }

  edit(id: string, value: RawRegistryValue | null): void {
    this.edits.set(id, value);
    this.#bases.set(id, [...this.basesOf(id), value]);
  }

  /** The kit has written these: what somebody else had set there is replaced by intent. */
  overwritten(plan: readonly PlanEntry[], registry: MachineRegistry): void {
    for (const { key, name, value } of plan) {
      if (sameValue(value, registry.valueOf(key, name))) this.edits.delete(slotId({ key, name }));
    }
    this.isWriterChanged = false;
    this.isServiceChanged = false;
  }
}
