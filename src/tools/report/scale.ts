import { showMultiple } from "./duration.ts";

/** A time without any event, drawn shorter than it was. */
export interface Break {
  readonly x: number;
  readonly width: number;
  readonly durationMs: number;
}

/** A mark on the time axis. */
export interface Tick {
  readonly x: number;
  readonly label: string;
}

/** The mapping from times to positions in a drawing, in percent of its width. */
export interface Scale {
  readonly toX: (ms: number) => number;
  readonly breaks: readonly Break[];
  readonly ticks: readonly Tick[];
}

interface Gap {
  readonly startMs: number;
  readonly endMs: number;
}

/** A part of the drawing with a constant scale. */
interface Stretch extends Gap {
  readonly x: number;
  readonly width: number;
  readonly isBreak: boolean;
}

// In percent, like all positions.
const BREAK_WIDTH = 6;
// Shorter gaps are always drawn in proportion.
const MIN_BREAK_MS = 10_000;
// A gap this many times as long as all shorter gaps together would leave them no space.
const OUTWEIGHS = 3;
const MAX_BREAKS = 8;
const TICK_DISTANCE = 9;
const WIDTH = 100;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const steps: readonly number[] = [1, 2, 5, 10, 20, 50, 100, 200, 500].concat(
  [1, 2, 5, 10, 20, 30].map((count) => count * SECOND),
  [1, 2, 5, 10, 20, 30].map((count) => count * MINUTE),
  [1, 2, 6, 12, 24, 48, 120, 240].map((count) => count * HOUR),
);

function lengthOf({ startMs, endMs }: Gap): number {
  return endMs - startMs;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/**
 * Returns the gaps to draw as breaks: the first that outweighs all shorter gaps, and all longer
 * ones.
 */
function findBreaks(gaps: readonly Gap[]): ReadonlySet<Gap> {
  const sorted = gaps.toSorted((a, b) => lengthOf(a) - lengthOf(b));
  let shorter = 0;
  const first = sorted.findIndex((gap) => {
    const length = lengthOf(gap);
    // The shortest gap has no shorter gaps that need space.
    if (shorter > 0 && length >= MIN_BREAK_MS && length > OUTWEIGHS * shorter) return true;
    shorter += length;
    return false;
  });
  return new Set(first === -1 ? [] : sorted.slice(first).slice(-MAX_BREAKS));
}

/** Joins the gaps between two breaks. */
function joinEven(
  gaps: readonly Gap[],
  breaks: ReadonlySet<Gap>,
): readonly (Gap & { isBreak: boolean })[] {
  const joined: { startMs: number; endMs: number; isBreak: boolean }[] = [];
  for (const gap of gaps) {
    const last = joined.at(-1);
    const isBreak = breaks.has(gap);
    if (last === undefined || isBreak || last.isBreak) joined.push({ ...gap, isBreak });
    else last.endMs = gap.endMs;
  }
  return joined;
}

function layOut(gaps: readonly Gap[]): readonly Stretch[] {
  const joined = joinEven(gaps, findBreaks(gaps));
  const even = joined.filter(({ isBreak }) => !isBreak);
  const breaks = joined.length - even.length;
  // A drawing with only breaks divides its width between them.
  const breakWidth = even.length === 0 ? WIDTH / breaks : BREAK_WIDTH;
  const perMs = (WIDTH - breaks * breakWidth) / Math.max(1, sum(even.map(lengthOf)));
  let x = 0;
  return joined.map(({ startMs, endMs, isBreak }) => {
    const own = isBreak ? breakWidth : (endMs - startMs) * perMs;
    x += own;
    return { startMs, endMs, isBreak, x: x - own, width: own };
  });
}

function place({ startMs, endMs, x, width }: Stretch, ms: number): number {
  return x + ((ms - startMs) / (endMs - startMs)) * width;
}

function ticksOf(stretches: readonly Stretch[], originMs: number): readonly Tick[] {
  const even = stretches.filter(({ isBreak }) => !isBreak);
  const perPercent = sum(even.map(lengthOf)) / Math.max(1, sum(even.map(({ width }) => width)));
  const least = perPercent * TICK_DISTANCE;
  const stepMs = steps.find((step) => step >= least) ?? least;
  const ticks: Tick[] = [];
  let lastX = Number.NEGATIVE_INFINITY;
  for (const stretch of even) {
    const count = Math.floor((stretch.endMs - originMs) / stepMs);
    for (let index = Math.ceil((stretch.startMs - originMs) / stepMs); index <= count; index += 1) {
      const x = place(stretch, originMs + index * stepMs);
      // The lines of two short stretches could be too close.
      if (x - lastX < TICK_DISTANCE / 2) continue;
      ticks.push({ x, label: showMultiple(index * stepMs, stepMs) });
      lastX = x;
    }
  }
  return ticks;
}

/**
 * Makes the scale of a drawing from its start and end times.
 *
 * Time is drawn in proportion, except for gaps that would leave the rest no space, such as an hour
 * of copying between two calls of a second.
 *
 * @param times The times, in any order.
 */
export function createScale(times: readonly number[]): Scale {
  const sorted = [...new Set(times)].toSorted((a, b) => a - b);
  const originMs = sorted[0] ?? 0;
  const gaps = sorted.slice(1).map((endMs, index) => ({ startMs: sorted[index] ?? endMs, endMs }));
  const stretches = layOut(gaps);
  return {
    toX(ms) {
      if (ms <= originMs) return 0;
      const stretch = stretches.find(({ endMs }) => ms <= endMs);
      return stretch === undefined ? WIDTH : place(stretch, ms);
    },
    breaks: stretches
      .filter(({ isBreak }) => isBreak)
      .map((stretch) => ({ x: stretch.x, width: stretch.width, durationMs: lengthOf(stretch) })),
    ticks: ticksOf(stretches, originMs),
  };
}
