import { WsbError, type WsbErrorCode } from "../../src/base/errors.ts";
import { MAX_LENGTH, plainMutations, type Mutation } from "./mutations.ts";
import { Random } from "./random.ts";

/** The result of a reader for an input; both values are correct. */
export type Verdict = "accepted" | "refused";

/** A reader that must survive any input. */
export interface FuzzTarget {
  readonly name: string;
  /** The folder of its seeds, below `test/fuzz/seeds`. */
  readonly seeds: string;
  /** Returns the input with a number, always the same for the same seed. */
  readonly input: (seeds: readonly string[], seed: number, index: number) => string;
  /** Runs the reader. @throws {Error} when the reader behaves wrongly. */
  readonly run: (input: string) => Verdict;
}

export interface TargetDefinition<T> {
  readonly name: string;
  /** The folder of its seeds, if it differs from the target's name. */
  readonly seeds?: string;
  /** The mutations that use the structure of the seeds. */
  readonly mutations: readonly Mutation[];
  /** The last step for a text, for example its encoding. */
  readonly finish?: (text: string, random: Random) => string;
  /** The error code of a refusal. */
  readonly refusal: WsbErrorCode;
  readonly read: (input: string) => T;
  /**
   * Checks an accepted value.
   *
   * @throws {Error} when it is inconsistent or should have been refused.
   */
  readonly verify: (value: T, input: string) => void;
}

// Long enough for a message; a longer one repeats the input.
const MAX_MESSAGE = 10_000;

function verdictOn(error: unknown, refusal: WsbErrorCode): Verdict {
  if (!(error instanceof WsbError) || error.code !== refusal) {
    throw new Error(`It was not refused with ${refusal}.`, { cause: error });
  }
  if (error.message === "" || error.message.length > MAX_MESSAGE) {
    throw new Error(`It was refused with a text of ${error.message.length} characters.`);
  }
  return "refused";
}

function mutate<T>(
  { mutations, finish }: TargetDefinition<T>,
  seeds: readonly string[],
  random: Random,
): string {
  let text = random.pick(seeds);
  // A text stays readable after a few changes, but not after many.
  const rounds = random.once(8) ? 1 + random.below(20) : 1 + random.below(3);
  for (let round = 0; round < rounds; round += 1) {
    // Mutations without knowledge of the structure usually break a text.
    const mutation = random.pick(random.once(4) ? plainMutations : mutations);
    text = mutation(text, random, seeds).slice(0, MAX_LENGTH);
  }
  return finish?.(text, random) ?? text;
}

/** Defines a target; its first inputs are the unchanged seeds. */
export function defineTarget<T>(definition: TargetDefinition<T>): FuzzTarget {
  const { name, seeds: folder = name, refusal, read, verify, finish } = definition;
  return {
    name,
    seeds: folder,
    input(seeds, seed, index) {
      const random = new Random(seed, index);
      const unchanged = seeds[index];
      if (unchanged === undefined) return mutate(definition, seeds, random);
      return finish?.(unchanged, random) ?? unchanged;
    },
    run(input) {
      let value: T;
      try {
        value = read(input);
      } catch (error) {
        return verdictOn(error, refusal);
      }
      verify(value, input);
      return "accepted";
    },
  };
}
