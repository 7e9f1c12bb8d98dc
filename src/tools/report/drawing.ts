import { showDuration } from "./duration.ts";
import { lanesOf, type Bar, type Lane, type Mark } from "./lanes.ts";
import { markup, type Markup } from "./markup.ts";
import { createScale, type Break, type Scale } from "./scale.ts";
import type { History, SessionSpan } from "./spans.ts";
import { summarize } from "./summary.ts";

const WIDTH = 1160;
const LABEL_WIDTH = 210;
const RIGHT = 24;
const TOP = 30;
const ROW = 30;
const AXIS = 34;
// The average width in the page's font.
const CHAR_WIDTH = 6.6;
const MIN_BAR = 3;
const MAX_LABEL = Math.floor((LABEL_WIDTH - 16) / CHAR_WIDTH);

const heights: Readonly<Record<Bar["look"], number>> = {
  process: 4,
  running: 5,
  call: 18,
  check: 10,
  moving: 16,
  stopped: 16,
  "left-stopped": 16,
  failed: 18,
};

/** Shortens a label at its start, because the end of a component's name distinguishes it. */
function shorten(label: string): string {
  const characters = Array.from(label.replaceAll(/\s+/gu, " "));
  if (characters.length <= MAX_LABEL) return characters.join("");
  return `…${characters.slice(1 - MAX_LABEL).join("")}`;
}

function textWidth(text: string): number {
  return text.length * CHAR_WIDTH;
}

/** The free space beside a bar. */
interface Free {
  readonly from: number;
  readonly until: number;
}

/** Draws a bar's label on the bar, else after or before it if there is space. */
function barLabel(bar: Bar, x: number, width: number, y: number, free: Free): Markup {
  const text = bar.look === "failed" ? `✕ ${bar.label}` : bar.label;
  const needed = textWidth(text) + 8;
  if (bar.label === "") return markup``;
  if (needed <= width && bar.look !== "check") {
    return markup`<text class="on ${bar.look}" x="${x + 5}" y="${y + 4}">${text}</text>`;
  }
  const after = x + width + 4;
  if (after + needed <= free.until) {
    return markup`<text class="beside ${bar.look}" x="${after}" y="${y + 4}">${text}</text>`;
  }
  if (x - needed >= free.from) {
    return markup`<text class="beside before ${bar.look}" x="${x - 4}" y="${y + 4}">${text}</text>`;
  }
  return bar.look === "failed"
    ? markup`<text class="cross" x="${x + width / 2}" y="${y - 9}">✕</text>`
    : markup``;
}

function drawBar(bar: Bar, y: number, scale: Scale, free: Free): Markup {
  const x = scale.toX(bar.startMs);
  const width = Math.max(MIN_BAR, scale.toX(bar.endMs) - x);
  const height = heights[bar.look];
  return markup`<g><title>${bar.title}</title><rect class="bar ${bar.look}" x="${x}" y="${y - height / 2}" width="${width}" height="${height}" rx="2"/>${barLabel(bar, x, width, y, free)}</g>`;
}

/** Returns the space between the previous and the next bar or break. */
function freeBeside(bar: Bar, bars: readonly Bar[], scale: Scale): Free {
  const startX = scale.toX(bar.startMs);
  const endX = scale.toX(bar.endMs);
  const others = bars.filter((one) => one !== bar);
  const after = others
    .filter((one) => one.startMs >= bar.startMs)
    .map((one) => scale.toX(one.startMs));
  const before = others
    .filter((one) => one.startMs < bar.startMs)
    .map((one) => scale.toX(one.endMs));
  const breaksBefore = scale.breaks.map(({ x, width }) => x + width).filter((x) => x <= startX);
  const breaksAfter = scale.breaks.map(({ x }) => x).filter((x) => x >= endX);
  return {
    from: Math.max(LABEL_WIDTH, ...before, ...breaksBefore),
    until: Math.min(WIDTH, ...after, ...breaksAfter),
  };
}

const signs = { info: "i", warn: "!", error: "✕" } as const;

function drawMark({ atMs, level, title }: Mark, y: number, scale: Scale): Markup {
  const x = scale.toX(atMs);
  return markup`<g><title>${title}</title><circle class="mark ${level}" cx="${x}" cy="${y}" r="7"/><text class="sign" x="${x}" y="${y + 4}">${signs[level]}</text></g>`;
}

function middleOf(index: number): number {
  return TOP + index * ROW + ROW / 2;
}

function drawGround({ label }: Lane, index: number): Markup {
  const y = middleOf(index);
  const stripe = index % 2 === 0 ? "even" : "odd";
  return markup`<rect class="${stripe}" x="0" y="${y - ROW / 2}" width="${WIDTH}" height="${ROW}"/><text class="label" x="8" y="${y + 4}"><title>${label}</title>${shorten(label)}</text>
`;
}

function drawLane({ bars, marks }: Lane, index: number, scale: Scale): Markup {
  const y = middleOf(index);
  const drawn = bars.map((bar) => drawBar(bar, y, scale, freeBeside(bar, bars, scale)));
  return markup`${drawn}${marks.map((mark) => drawMark(mark, y, scale))}`;
}

function drawSession(session: SessionSpan, history: History, height: number, scale: Scale): Markup {
  const x = scale.toX(session.startMs);
  const end = scale.toX(session.endMs ?? history.endMs);
  const outcome = session.outcome ?? "open";
  const text = `restore session: ${outcome}`;
  const labelX = Math.min(x + 4, WIDTH - RIGHT - textWidth(text));
  return markup`<g><title>${text}</title><rect class="session ${outcome}" x="${x}" y="6" width="${Math.max(MIN_BAR, end - x)}" height="${height + TOP - 6}"/><text class="session-label ${outcome}" x="${labelX}" y="21">${text}</text></g>`;
}

function drawBreak({ x, width, durationMs }: Break, height: number): Markup {
  const middle = x + width / 2;
  const bottom = TOP + height;
  const zigzag = (at: number): string => {
    const points: string[] = [];
    for (let y = TOP, side = 0; y <= bottom; y += 6, side += 1) {
      points.push(`${(at + (side % 2 === 0 ? -2 : 2)).toFixed(1)},${y}`);
    }
    return points.join(" ");
  };
  return markup`<g><title>${showDuration(durationMs)} without any event</title><rect class="break" x="${x + 3}" y="${TOP}" width="${width - 6}" height="${height}"/><polyline class="zigzag" points="${zigzag(x + 3)}"/><polyline class="zigzag" points="${zigzag(x + width - 3)}"/><text class="break-label" x="${middle}" y="${bottom + 28}">${showDuration(durationMs)}</text></g>`;
}

function drawTicks({ ticks }: Scale, height: number): Markup {
  const bottom = TOP + height;
  const lines = ticks.map(
    ({ x, label }) =>
      markup`<line class="grid" x1="${x}" y1="${TOP}" x2="${x}" y2="${bottom}"/><text class="tick" x="${x}" y="${bottom + 15}">${label}</text>`,
  );
  return markup`${lines}`;
}

function timesOf(history: History): readonly number[] {
  const spans = [...history.processes, ...history.calls, ...history.services];
  return [
    history.startMs,
    history.endMs,
    ...spans.flatMap(({ startMs, endMs }) => [startMs, endMs ?? startMs]),
    ...history.notes.map(({ atMs }) => atMs),
    ...(history.session === undefined ? [] : [history.session.startMs]),
  ];
}

// The share of the drawing for states that continue after the last event.
const TAIL = 0.06;

/** Adds some time after the end of a history if a state at its end must be visible. */
function withTail(history: History): History {
  const { session, startMs, endMs } = history;
  if (session === undefined || summarize(history).leftStopped.length === 0) return history;
  return { ...history, endMs: endMs + Math.max(1, (endMs - startMs) * TAIL) };
}

/**
 * Draws a run: a lane for each process, component and service, with time from left to right.
 *
 * @param id Makes the drawing's ids unique on the page.
 * @returns An `svg` element that uses the page's colours.
 */
export function drawHistory(whole: History, id: string): Markup {
  const history = withTail(whole);
  const lanes = lanesOf(history);
  const height = lanes.length * ROW;
  const scale = createScale(timesOf(history), LABEL_WIDTH, WIDTH - LABEL_WIDTH - RIGHT);
  const session =
    history.session === undefined ? markup`` : drawSession(history.session, history, height, scale);
  return markup`<svg viewBox="0 0 ${WIDTH} ${TOP + height + AXIS}" role="img" aria-labelledby="${id}-title" style="--moving:url(#${id}-moving)">
<title id="${id}-title">The events from left to right; the table below lists them as text</title>
<defs><pattern id="${id}-moving" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="moving-ground" width="8" height="8"/><rect class="moving-stripe" width="4" height="8"/></pattern></defs>
${lanes.map(drawGround)}
${session}${drawTicks(scale, height)}
${lanes.map((lane, index) => drawLane(lane, index, scale))}
${scale.breaks.map((one) => drawBreak(one, height))}
</svg>`;
}
