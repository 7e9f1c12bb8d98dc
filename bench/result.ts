/** One line of bench/results.json. */
export interface Result {
  readonly name: string;
  /** Median of ours. */
  readonly value: number;
  readonly unit: string;
  /** Median of the peer's; `null` where there is none. */
  readonly peer: number | null;
  /** Ours ÷ the peer's. */
  readonly ratio: number | null;
  /** What the ratio should not exceed; `null` where nothing was set. */
  readonly goal: number | null;
  /** How many values of ours the median is of; as many are the peer's. */
  readonly samples: number;
  /**
   * Half the distance between the quartiles as a part of the median: of the rounds' ratios, or of
   * the values where there is no peer.
   */
  readonly spread: number;
}

/** What was measured of one side, a list for each round. */
export type Rounds = readonly (readonly number[])[];

/** What was measured of both sides in turn. */
export interface Pair {
  readonly ours: Rounds;
  readonly peer: Rounds;
}

/** What is measured, and in what. */
export interface Subject {
  readonly name: string;
  readonly unit: string;
  /** @defaultValue none */
  readonly goal?: number;
  /** What a measured number is multiplied by. @defaultValue 1 */
  readonly factor?: number;
}

const DIGITS = 4;

function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS));
}

function quantile(sorted: readonly number[], part: number): number {
  const position = (sorted.length - 1) * part;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

function sort(values: readonly number[]): readonly number[] {
  return values.toSorted((one, other) => one - other);
}

/** The middle one of the values; between two, their mean. */
export function median(values: readonly number[]): number {
  return quantile(sort(values), 0.5);
}

/** Half the distance between the quartiles, as a part of the median. */
export function spreadOf(values: readonly number[]): number {
  const sorted = sort(values);
  const middle = quantile(sorted, 0.5);
  if (middle === 0) return 0;
  return (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / 2 / middle;
}

/** Compares the medians of both sides; rounds are compared one by one for the spread alone. */
export function compare({ name, unit, goal, factor = 1 }: Subject, { ours, peer }: Pair): Result {
  const value = median(ours.flat());
  const beside = median(peer.flat());
  const ratios = ours.map((round, index) => median(round) / median(peer[index] ?? []));
  return {
    name,
    value: rounded(value * factor),
    unit,
    peer: rounded(beside * factor),
    ratio: rounded(value / beside),
    goal: goal ?? null,
    samples: ours.flat().length,
    spread: rounded(spreadOf(ratios)),
  };
}

/** Describes what has no peer. */
export function describe({ name, unit, factor = 1 }: Subject, values: readonly number[]): Result {
  return {
    name,
    value: rounded(median(values) * factor),
    unit,
    peer: null,
    ratio: null,
    goal: null,
    samples: values.length,
    spread: rounded(spreadOf(values)),
  };
}
