import { canHit, faultKinds, type EffectKind, type FaultKind } from "./machine/processes.ts";

/** Counts which kinds of effects were hit by which kinds of faults. */
export class Coverage {
  readonly #effects: readonly EffectKind[];
  readonly #counts = new Map<string, number>();

  /** @param effects The kinds that a simulation has. */
  constructor(effects: readonly EffectKind[]) {
    this.#effects = effects;
  }

  note(effect: EffectKind, fault: FaultKind | undefined): void {
    const key = `${effect} ${fault ?? "works"}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** One line for each kind of effect. */
  get lines(): readonly string[] {
    return this.#effects.map((effect) => {
      const counts = ["works", ...faultKinds].map(
        (fault) => `${fault} ${this.#counts.get(`${effect} ${fault}`) ?? 0}`,
      );
      return `${effect.padEnd(22)} ${counts.join(", ")}`;
    });
  }

  has(effect: EffectKind, fault: FaultKind): boolean {
    return this.#counts.has(`${effect} ${fault}`);
  }

  /** The pairs that can happen and did not. */
  get missing(): readonly (readonly [EffectKind, FaultKind])[] {
    return this.#effects.flatMap((effect) =>
      faultKinds
        .filter((fault) => canHit(effect, fault) && !this.has(effect, fault))
        .map((fault) => [effect, fault] as const),
    );
  }
}
