/** The factors and their values. */
export type Factors = Readonly<Record<string, readonly string[]>>;

/** A row: one value for each factor. */
export type Row = Readonly<Record<string, string>>;

function pairKey(one: readonly [string, string], other: readonly [string, string]): string {
  return JSON.stringify([one, other]);
}

/** Returns every pair of values in a row, in the order of the factors. */
export function pairsOf(row: Row): readonly string[] {
  const entries = Object.entries(row);
  return entries.flatMap((one, index) =>
    entries.slice(index + 1).map((other) => pairKey(one, other)),
  );
}

/** Returns every pair of values. */
export function allPairs(factors: Factors): readonly string[] {
  const entries = Object.entries(factors);
  return entries.flatMap(([name, values], index) =>
    entries
      .slice(index + 1)
      .flatMap(([otherName, otherValues]) =>
        values.flatMap((value) =>
          otherValues.map((otherValue) => pairKey([name, value], [otherName, otherValue])),
        ),
      ),
  );
}

/**
 * Makes rows that contain every pair of values of two factors; always the same rows.
 *
 * @param isPossible Tells whether a row, or a part of a row, is possible. Pairs that occur in no
 * possible row are not covered.
 */
export function coverPairs(factors: Factors, isPossible: (row: Row) => boolean): readonly Row[] {
  const uncovered = new Set(allPairs(factors));
  const rows: Row[] = [];
  // The pairs of each row are deleted, so that each seed is a new pair.
  for (const seed of uncovered) {
    const row = growRow(factors, seed, uncovered, isPossible);
    if (row === undefined) continue;
    rows.push(row);
    for (const pair of pairsOf(row)) uncovered.delete(pair);
  }
  return rows;
}

/**
 * Completes a pair to a row, with the values that cover most pairs; `undefined` when impossible.
 */
function growRow(
  factors: Factors,
  seed: string,
  uncovered: ReadonlySet<string>,
  isPossible: (row: Row) => boolean,
): Row | undefined {
  const order = Object.keys(factors);
  const search = (names: readonly string[], row: Row): Row | undefined => {
    if (!isPossible(row)) return undefined;
    const [name, ...rest] = names;
    if (name === undefined) return row;
    const gain = (value: string): number =>
      Object.entries(row).filter((entry) =>
        uncovered.has(
          order.indexOf(entry[0]) < order.indexOf(name)
            ? pairKey(entry, [name, value])
            : pairKey([name, value], entry),
        ),
      ).length;
    const candidates = (factors[name] ?? []).toSorted((one, other) => gain(other) - gain(one));
    for (const value of candidates) {
      const found = search(rest, { ...row, [name]: value });
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const fixed: Row = Object.fromEntries(JSON.parse(seed));
  const open = order.filter((name) => !(name in fixed));
  const row = search(open, fixed);
  if (row === undefined) return undefined;
  // In the order of the factors, like the keys of pairs.
  return Object.fromEntries(order.map((name) => [name, row[name] ?? ""]));
}
