import { WsbError, type WsbErrorCode } from "../../src/base/errors.ts";
import { MAX_LENGTH, plainMutations, type Mutation } from "./mutations.ts";
import { Random } from "./random.ts";

/** What a reader did with an input: both are right. */
export type Verdict = "accepted" | "refused";

/** A reader that must survive whatever it is given. */
export interface FuzzTarget {
  readonly name: string;
  /** Folder of its seeds, below `test/fuzz/seeds`. */
  readonly seeds: string;
  /** Makes the input of a number, always the same for the same seed. */
  readonly input: (seeds: readonly string[], seed: number, index: number) => string;
  /** @throws {Error} when the reader did what it must not. */
  readonly run: (input: string) => Verdict;
}

export interface TargetDefinition<T> {
  readonly name: string;
  /** Folder of its seeds, when it is not the target's name. */
  readonly seeds?: string;
  /** Mutations that know what the seeds are made of. */
  readonly mutations: readonly Mutation[];
  /** What happens to a text at last, for example its encoding. */
  readonly finish?: (text: string, random: Random) => string;
  /** Code of the one error that a refusal is. */
  readonly refusal: WsbErrorCode;
  readonly read: (input: string) => T;
  /** @throws {Error} when what was accepted contradicts itself, or should not have been. */
  readonly verify: (value: T, input: string) => void;
}

// Enough for a person; a longer one repeats the input.
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
  // Few changes leave a text readable, many do not.
  const rounds = random.once(8) ? 1 + random.below(20) : 1 + random.below(3);
  for (let round = 0; round < rounds; round += 1) {
    // Plain ones break a text more often than not.
    const mutation = random.pick(random.once(4) ? plainMutations : mutations);
    text = mutation(text, random, seeds).slice(0, MAX_LENGTH);
  }
  return finish?.(text, random) ?? text;
}

/** Defines a target; the seeds themselves are its first inputs. */
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
