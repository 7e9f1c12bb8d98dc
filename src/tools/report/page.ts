import { nameHresult } from "../../base/hresult.ts";
import type { TimelineEntry } from "./timeline.ts";
import { drawHistory } from "./drawing.ts";
import { showDuration } from "./duration.ts";
import { failureLines } from "./failure-lines.ts";
import { markup, Markup } from "./markup.ts";
import type { History } from "./spans.ts";
import { STYLE } from "./style.ts";
import { sentencesOf, summarize, type Summary } from "./summary.ts";
import { showTime } from "./time.ts";
import { toTimeline } from "./to-timeline.ts";

/** The contents of a page. */
export interface PageContent {
  /** The display name of the application. */
  readonly name: string;
  /** The machine of the events. */
  readonly machine: string;
  /** The time of the page's creation, in milliseconds since the epoch. */
  readonly madeMs: number;
  /** The runs, latest last. */
  readonly histories: readonly History[];
  /** The number of unreadable lines. */
  readonly damaged: number;
  /** What failed, for each event file that could not be read. */
  readonly unreadable: readonly string[];
}

const tones: Readonly<Record<Summary["verdict"], string>> = {
  completed: "good",
  calls: "good",
  failed: "bad",
  abandoned: "warn",
  recovered: "warn",
  keptStopped: "warn",
  open: "warn",
};

const legend: readonly (readonly [look: string, text: string])[] = [
  ["call", "call"],
  ["check", "consistency check"],
  ["running", "service running"],
  ["moving", "stopping or starting"],
  ["stopped", "stopped"],
  ["failed", "failed or left stopped"],
];

function fact(name: string, value: string | undefined): Markup {
  return value === undefined ? markup`` : markup`<dt>${name}</dt><dd>${value}</dd>`;
}

function drawVerdict(history: History): Markup {
  const summary = summarize(history);
  const isBad = summary.leftStopped.length > 0 && summary.verdict !== "open";
  const tone = isBad ? "bad" : tones[summary.verdict];
  const sentences = sentencesOf(history).map((sentence) => markup`<p>${sentence}</p>`);
  return markup`<div class="verdict ${tone}">${sentences}</div>`;
}

function drawRow(entry: TimelineEntry, originMs: number): Markup {
  const { startMs, durationMs, step, hresult, failed } = entry;
  const subject = entry.component ?? entry.service ?? "";
  const result = hresult === undefined ? (failed ? "✕" : "") : nameHresult(hresult);
  const took = durationMs === 0 ? "" : showDuration(durationMs);
  return markup`<tr class="${failed ? "failed" : ""}"><td class="time">${showTime(originMs + startMs, "time")}</td><td class="number">${showDuration(startMs)}</td><td class="number">${took}</td><td class="step">${step}</td><td><bdi>${subject}</bdi></td><td class="result">${result}</td><td class="text"><bdi>${entry.detail ?? ""}</bdi>${drawFailure(entry)}</td></tr>
`;
}

function drawFailure(entry: TimelineEntry): Markup {
  const lines = failureLines(entry);
  if (lines.length === 0) return markup``;
  return markup`<details><summary>stack</summary><pre>${lines.join("\n")}</pre></details>`;
}

function drawTable(history: History): Markup {
  const rows = toTimeline(history).map((entry) => drawRow(entry, history.startMs));
  return markup`<div class="scroll"><table><thead><tr><th>Time</th><th class="number">At</th><th class="number">Took</th><th>Step</th><th>Of</th><th>Result</th><th>Text</th></tr></thead><tbody>
${rows}</tbody></table></div>`;
}

function drawRun(history: History, index: number): Markup {
  const { session, startMs, endMs } = history;
  const heading = session === undefined ? "Calls" : "Restore session";
  const keys = legend.map(([look, text]) => markup`<li><span class="${look}"></span>${text}</li>`);
  return markup`<section>
<h2>${heading}, ${showTime(startMs, "minute")}</h2>
${drawVerdict(history)}
<dl>${fact("From", showTime(startMs, "whole"))}${fact("To", `${showTime(endMs, "whole")} (${showDuration(endMs - startMs)})`)}${fact("Client", session?.client)}${fact("Session", session?.sessionId)}</dl>
<div class="scroll">${drawHistory(history, `run-${index}`)}</div>
<ul class="legend">${keys}</ul>
${drawTable(history)}
</section>
`;
}

/**
 * Makes a page of runs, latest first: a single file without scripts that loads no other file.
 */
export function renderPage(content: PageContent): string {
  const { name, machine, madeMs, histories, damaged, unreadable } = content;
  const runs =
    histories.length === 0
      ? [markup`<p>${name} has no events yet.</p>`]
      : histories.map(drawRun).toReversed();
  const faults = [
    ...(damaged === 0 ? [] : [`Unreadable lines in the event files: ${damaged}.`]),
    ...unreadable,
  ].map((fault) => markup`<p class="dim">${fault}</p>\n`);
  // The style sheet is the kit's own and must not be escaped.
  const style = new Markup(STYLE);
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>${name}: what happened</title>
<style>${style}</style>
</head>
<body>
<h1><bdi>${name}</bdi></h1>
<p class="dim">Events of the add-in on ${machine}, read ${showTime(madeMs, "whole")}. Times are in this machine's time zone.</p>
${runs}${faults}
</body>
</html>
`.text;
}
