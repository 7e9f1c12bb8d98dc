/**
 * The drawing of a run: rows of bars, placed in percent, so that the browser fits it to any width
 * and measures each text with its own font.
 */
import { showDuration, showRoughDuration } from "./duration.ts";
import { joinNear, placeLabels, thinOut, type LabelSpace, type Stretch } from "./labels.ts";
import { shortenName } from "./shorten-name.ts";
import { lanesOf, type Bar, type Lane, type Mark } from "./lanes.ts";
import { markup, NOTHING, type Markup } from "./markup.ts";
import { createScale, type Scale } from "./scale.ts";
import type { History } from "./spans.ts";
import { summarize } from "./summary.ts";

// The least distances in percent: of marks, of times on the axis and of lengths of breaks. The
// style sheet hides what has no space on a narrow screen.
const MARK_DISTANCE = 5.5;
const TICK_DISTANCE = { wide: 9, narrow: 26 } as const;
const BREAK_DISTANCE = { wide: 6, narrow: 18 } as const;
const MAX_TITLES = 20;

interface PlacedBar extends Stretch {
  readonly bar: Bar;
}

function placeBar(bar: Bar, { toX }: Scale): PlacedBar {
  const from = toX(bar.startMs);
  return { bar, from, to: Math.max(from, toX(bar.endMs)) };
}

/** Sorts bars: first those whose labels matter most, failures and then long ones. */
function byWeight(a: PlacedBar, b: PlacedBar): number {
  const failed = Number(isBad(b.bar)) - Number(isBad(a.bar));
  return failed === 0 ? b.to - b.from - (a.to - a.from) : failed;
}

function isBad({ look }: Pick<Bar, "look">): boolean {
  return look === "failed" || look === "left-stopped" || look === "lost";
}

function drawBar({ bar, from, to }: PlacedBar): Markup {
  return markup`<div class="bar ${bar.look}" style="left:${from}%;width:${to - from}%" title="${bar.title}"></div>`;
}

/** Draws a label that shows its text whole or not at all; of a failure at least a cross. */
function drawLabel({ label, look, title }: Bar, { from, to, side }: LabelSpace): Markup {
  const cross = isBad({ look }) ? "✕ " : "";
  return markup`<div class="label ${look} ${side}" style="left:${from}%;width:${to - from}%" title="${title}"><span>${cross}${label.replaceAll(" ", "\u00A0")}</span></div>`;
}

function drawBars(bars: readonly Bar[], scale: Scale): Markup {
  const placed = bars.map((bar) => placeBar(bar, scale));
  const labelled = placed.filter(({ bar }) => bar.label !== "").toSorted(byWeight);
  const others = placed.filter(({ bar }) => bar.label === "");
  const spaces = placeLabels([...labelled, ...others]);
  const labels = labelled.map(({ bar }, index) => {
    const space = spaces[index];
    return space === undefined ? NOTHING : drawLabel(bar, space);
  });
  return markup`${placed.map(drawBar)}${labels}`;
}

const signs = { info: "i", warn: "!", error: "✕" } as const;
const levels = ["error", "warn", "info"] as const;

/** Draws marks that would cover each other as one, with their number. */
function drawMarks(marks: readonly Mark[], scale: Scale): readonly Markup[] {
  const placed = marks.map((mark) => ({ at: scale.toX(mark.atMs), mark }));
  return joinNear(placed, MARK_DISTANCE).map((group) => {
    const own = group.map(({ mark }) => mark);
    const level = levels.find((one) => own.some((mark) => mark.level === one)) ?? "info";
    const sign = own.length === 1 ? signs[level] : own.length < 100 ? own.length : "99+";
    const shown = own.slice(0, MAX_TITLES).map(({ title }) => title);
    const left = own.length - shown.length;
    const title = [...shown, ...(left > 0 ? [`and ${left} more`] : [])].join("\n");
    return markup`<div class="mark ${level}" style="left:${group[0].at}%" title="${title}">${sign}</div>`;
  });
}

function drawLane({ label, bars, marks }: Lane, scale: Scale): Markup {
  const isFailed = bars.some(isBad) || marks.some(({ level }) => level === "error");
  const name = `${isFailed ? "✕\u00A0" : ""}${shortenName(label)}`;
  return markup`<div class="lane${isFailed ? " bad" : ""}"><div class="name" title="${label}"><bdi>${name}</bdi></div><div class="track">${drawBars(bars, scale)}${drawMarks(marks, scale)}</div></div>
`;
}

interface AxisLabel {
  readonly at: number;
  readonly text: string;
}

/** Draws the labels of an axis that have space, and marks those that only a wide screen shows. */
function drawAxisLabels(
  look: string,
  all: readonly AxisLabel[],
  distance: { readonly wide: number; readonly narrow: number },
): readonly Markup[] {
  const narrow = thinOut(all, distance.narrow);
  const wide = thinOut(all, distance.wide);
  return all
    .filter((one) => wide.has(one) || narrow.has(one))
    .map((one) => {
      const only = wide.has(one) ? (narrow.has(one) ? "" : " only-wide") : " only-narrow";
      return markup`<div class="${look}${only}" style="left:${one.at}%">${one.text}</div>`;
    });
}

function drawAxis({ ticks, breaks }: Scale): Markup {
  const times = ticks.map(({ x, label }) => ({ at: x, text: label }));
  const lengths = breaks.map(({ x, width, durationMs }) => ({
    at: x + width / 2,
    text: showRoughDuration(durationMs),
  }));
  return markup`<div class="axis"><div class="track">${drawAxisLabels("tick", times, TICK_DISTANCE)}${drawAxisLabels("break-label", lengths, BREAK_DISTANCE)}</div></div>`;
}

/** Draws the lines of the axis, and the times without any event, behind the lanes. */
function drawGround({ ticks, breaks }: Scale): Markup {
  const lines = ticks.map(({ x }) => markup`<div class="grid" style="left:${x}%"></div>`);
  const gaps = breaks.map(
    ({ x, width, durationMs }) =>
      markup`<div class="break" style="left:${x}%;width:${width}%" title="${showDuration(durationMs)} without any event"></div>`,
  );
  return markup`<div class="ground">${lines}${gaps}</div>`;
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
const TAIL = 0.1;

/** Adds some time after the end of a history if a state at its end must be visible. */
function withTail(history: History): History {
  const { session, startMs, endMs } = history;
  if (session === undefined || summarize(history).leftStopped.length === 0) return history;
  return { ...history, endMs: endMs + Math.max(1, (endMs - startMs) * TAIL) };
}

/** Draws a run: a lane for each process, component and service, with time from left to right. */
export function drawHistory(whole: History): Markup {
  const history = withTail(whole);
  const scale = createScale(timesOf(history));
  const lanes = lanesOf(history).map((lane) => drawLane(lane, scale));
  return markup`<div class="drawing" role="img" aria-label="The events from left to right; the table below lists them as text">
${drawGround(scale)}
${lanes}${drawAxis(scale)}
</div>`;
}
