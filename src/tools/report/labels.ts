/** A part of a drawing's width, in percent of it. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** The space of a bar's label: it begins where the bar does, or ends where the bar does. */
export interface LabelSpace extends Stretch {
  readonly side: "start" | "end";
}

// Less shows no letter on a narrow screen.
const MIN_WIDTH = 3;
// The longest label on a wide screen.
const ENOUGH = 14;

/** Returns the space from a bar's start to the next bar or label. */
function spaceAfter(bar: Stretch, bars: readonly Stretch[], labels: readonly Stretch[]): Stretch {
  const { from } = bar;
  if (labels.some((label) => label.from <= from && from < label.to)) return { from, to: from };
  const next = [...bars.filter((one) => one.from > from), ...labels].map((one) => one.from);
  return { from, to: Math.min(100, ...next.filter((start) => start >= from)) };
}

/** Returns the space from the previous bar or label to a bar's end. */
function spaceBefore(bar: Stretch, bars: readonly Stretch[], labels: readonly Stretch[]): Stretch {
  const { to } = bar;
  if (labels.some((label) => label.from < to && to <= label.to)) return { from: to, to };
  const previous = [...bars.filter((one) => one.to < to), ...labels].map((one) => one.to);
  return { from: Math.max(0, ...previous.filter((end) => end <= to)), to };
}

function widthOf({ from, to }: Stretch): number {
  return to - from;
}

/**
 * Gives the label of each bar of a lane its own space, so that no label covers another one or
 * another bar.
 *
 * @param bars The bars, the one whose label matters most first.
 * @returns The space of each label, in the same order; `undefined` where there is none.
 */
export function placeLabels(bars: readonly Stretch[]): readonly (LabelSpace | undefined)[] {
  const labels: Stretch[] = [];
  return bars.map((bar) => {
    const after = spaceAfter(bar, bars, labels);
    const before = spaceBefore(bar, bars, labels);
    const isAfter = widthOf(after) >= Math.min(ENOUGH, widthOf(before));
    const space: LabelSpace = isAfter ? { ...after, side: "start" } : { ...before, side: "end" };
    if (widthOf(space) < MIN_WIDTH) return undefined;
    labels.push(space);
    return space;
  });
}

/** Returns those positions that are at least `distance` apart, from left to right. */
export function thinOut<Placed extends { readonly at: number }>(
  placed: readonly Placed[],
  distance: number,
): ReadonlySet<Placed> {
  const kept = new Set<Placed>();
  let last = Number.NEGATIVE_INFINITY;
  for (const one of placed.toSorted((a, b) => a.at - b.at)) {
    if (one.at - last < distance) continue;
    kept.add(one);
    last = one.at;
  }
  return kept;
}

/** Joins positions that are closer than `distance` to the first of their group. */
export function joinNear<Placed extends { readonly at: number }>(
  placed: readonly Placed[],
  distance: number,
): readonly (readonly [Placed, ...Placed[]])[] {
  const groups: [Placed, ...Placed[]][] = [];
  for (const one of placed.toSorted((a, b) => a.at - b.at)) {
    const last = groups.at(-1);
    if (last === undefined || one.at - last[0].at >= distance) groups.push([one]);
    else last.push(one);
  }
  return groups;
}
