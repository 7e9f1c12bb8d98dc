/** Something that holds for generated values, whatever they are. */
export interface Property {
  /** A sentence. */
  readonly name: string;
  /** Tries it with `runs` values; throws, or rejects, for the first that it does not hold for. */
  readonly check: (runs: number) => Promise<void> | void;
}
