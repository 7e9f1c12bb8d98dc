/** A statement that holds for all generated values. */
export interface Property {
  /** The statement as a sentence. */
  readonly name: string;
  /** Checks `runs` values; throws or rejects at the first counterexample. */
  readonly check: (runs: number) => Promise<void> | void;
}
