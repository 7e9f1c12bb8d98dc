/**
 * The day from which a release line of Node.js gets no more security fixes.
 *
 * @see https://github.com/nodejs/release#release-schedule
 */
const ends: Readonly<Record<number, string>> = {
  20: "2026-04-30",
  22: "2027-04-30",
  24: "2028-04-30",
  26: "2029-04-30",
};

const OLDEST = 20;
const NEWEST = Math.max(...Object.keys(ends).map(Number));
const SOON_MS = 90 * 24 * 60 * 60 * 1000;

/** How long a version of Node.js is supported. */
export interface NodeSupport {
  readonly state: "too old" | "ended" | "ends soon" | "supported" | "unknown";
  /** The last day with security fixes, if it is known. */
  readonly end: string | undefined;
}

/** Returns whether a version such as `v22.14.0` is supported by its makers and by the kit. */
export function nodeSupport(version: string, now: Date): NodeSupport {
  const major = Number(/^v?(\d+)\./u.exec(version)?.[1] ?? Number.NaN);
  const end = ends[major];
  if (major < OLDEST) return { state: "too old", end };
  // A line with an odd number is supported for half a year.
  if (major < NEWEST && end === undefined) return { state: "ended", end };
  if (end === undefined) return { state: "unknown", end };
  const leftMs = Date.parse(`${end}T23:59:59Z`) - now.getTime();
  if (leftMs < 0) return { state: "ended", end };
  return { state: leftMs < SOON_MS ? "ends soon" : "supported", end };
}
