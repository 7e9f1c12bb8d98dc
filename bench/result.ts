/** A line of bench/results.json. */
export interface Result {
  readonly name: string;
  /** The median of our side. */
  readonly value: number;
  readonly unit: string;
  /** The median of the peer; `null` when there is no peer. */
  readonly peer: number | null;
  /** Our median ÷ the peer's median. */
  readonly ratio: number | null;
  /** The highest acceptable ratio; `null` when there is no goal. */
  readonly goal: number | null;
  /** The number of our values, which equals the number of the peer's values. */
  readonly samples: number;
  /**
   * Half the distance between the quartiles, relative to the median: of the rounds' ratios, or of
   * the values when there is no peer.
   */
  readonly spread: number;
}

/** The measurements of one side, a list for each round. */
export type Rounds = readonly (readonly number[])[];

/** The measurements of both sides in turn. */
export interface Pair {
  readonly ours: Rounds;
  readonly peer: Rounds;
}

/** The name and unit of a measurement. */
export interface Subject {
  readonly name: string;
  readonly unit: string;
  /** @defaultValue none */
  readonly goal?: number;
  /** The factor for measured numbers. @defaultValue 1 */
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

/** Returns the median. */
export function median(values: readonly number[]): number {
  return quantile(sort(values), 0.5);
}

/** Returns half the distance between the quartiles, relative to the median. */
export function spreadOf(values: readonly number[]): number {
  const sorted = sort(values);
  const middle = quantile(sorted, 0.5);
  if (middle === 0) return 0;
  return (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / 2 / middle;
}

/** Compares the medians of both sides. The spread comes from the ratios of single rounds. */
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

/** Describes a measurement without a peer. */
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
