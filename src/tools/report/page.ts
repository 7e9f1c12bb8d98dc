import { nameHresult } from "../../base/hresult.ts";
import type { TimelineEntry } from "./timeline.ts";
import { drawHistory } from "./drawing.ts";
import { showDuration } from "./duration.ts";
import { failureLines } from "./failure-lines.ts";
import { markup, Markup, NOTHING } from "./markup.ts";
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

type Tone = "good" | "warn" | "bad";

const tones: Readonly<Record<Summary["verdict"], Tone>> = {
  completed: "good",
  calls: "good",
  failed: "bad",
  abandoned: "warn",
  recovered: "warn",
  keptStopped: "warn",
  open: "warn",
};

const signs: Readonly<Record<Tone, string>> = { good: "✓", warn: "!", bad: "✕" };

const legend: readonly (readonly [look: string, text: string])[] = [
  ["call", "call"],
  ["check", "consistency check"],
  ["running", "service running"],
  ["moving", "stopping or starting"],
  ["stopped", "stopped"],
  ["failed", "failed or left stopped"],
  ["break", "time without any event, drawn shorter"],
];

function toneOf({ verdict, leftStopped }: Summary): Tone {
  return leftStopped.length > 0 && verdict !== "open" ? "bad" : tones[verdict];
}

function headingOf({ session, isBackup, startMs }: History): string {
  const calls = isBackup ? "Backup" : "Calls";
  const what =
    session === undefined ? calls : session.sessionId === undefined ? "Restore" : "Restore session";
  return `${what}, ${showTime(startMs, "minute")}`;
}

function fact(name: string, value: string | undefined): Markup {
  return value === undefined ? markup`` : markup`<dt>${name}</dt><dd>${value}</dd>`;
}

function drawVerdict(history: History): Markup {
  const tone = toneOf(summarize(history));
  const sentences = sentencesOf(history).map((sentence) => markup`<p><bdi>${sentence}</bdi></p>`);
  return markup`<div class="verdict ${tone}">${sentences}</div>`;
}

function cell(look: string, content: Markup | string): Markup {
  const isEmpty = content === "" || (content instanceof Markup && content.text === "");
  return markup`<td class="${look}${isEmpty ? " empty" : ""}">${content}</td>`;
}

function drawRow(entry: TimelineEntry, originMs: number): Markup {
  const { startMs, durationMs, step, hresult, failed, detail = "" } = entry;
  const subject = entry.component ?? entry.service ?? "";
  const result = hresult === undefined ? (failed ? "✕" : "") : nameHresult(hresult);
  const text = detail === "" ? NOTHING : markup`<bdi>${detail}</bdi>`;
  const cells = [
    cell("time", showTime(originMs + startMs, "time")),
    cell("number at", showDuration(startMs)),
    cell("number took", durationMs === 0 ? "" : showDuration(durationMs)),
    cell("step", step),
    cell("subject", subject === "" ? "" : markup`<bdi>${subject}</bdi>`),
    cell("result", result),
    cell("text", markup`${text}${drawFailure(entry)}`),
  ];
  return markup`<tr class="${failed ? "failed" : ""}">${cells}</tr>
`;
}

function drawFailure(entry: TimelineEntry): Markup {
  const lines = failureLines(entry);
  if (lines.length === 0) return markup``;
  return markup`<details><summary>stack</summary><pre>${lines.join("\n")}</pre></details>`;
}

function drawTable(history: History): Markup {
  const rows = toTimeline(history).map((entry) => drawRow(entry, history.startMs));
  return markup`<table><thead><tr><th>Time</th><th class="number">At</th><th class="number">Took</th><th>Step</th><th>Of</th><th>Result</th><th>Text</th></tr></thead><tbody>
${rows}</tbody></table>`;
}

function drawRun(history: History, index: number): Markup {
  const { session, startMs, endMs } = history;
  const keys = legend.map(([look, text]) => markup`<li><span class="${look}"></span>${text}</li>`);
  return markup`<section id="run-${index}">
<h2>${headingOf(history)}</h2>
${drawVerdict(history)}
<dl>${fact("From", showTime(startMs, "whole"))}${fact("To", `${showTime(endMs, "whole")} (${showDuration(endMs - startMs)})`)}${fact("Client", session?.client)}${fact("Session", session?.sessionId)}</dl>
${drawHistory(history)}
<ul class="legend">${keys}</ul>
${drawTable(history)}
</section>
`;
}

/** Draws a list of the runs with links, if there are several. */
function drawIndex(histories: readonly History[]): Markup {
  if (histories.length < 2) return NOTHING;
  const rows = histories.map((history, index) => {
    const summary = summarize(history);
    const tone = toneOf(summary);
    return markup`<li class="${tone}"><span class="sign">${signs[tone]}</span><a href="#run-${index}">${headingOf(history)}</a><bdi>${summary.headline}</bdi></li>
`;
  });
  return markup`<ul class="index">
${rows.toReversed()}</ul>
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
${drawIndex(histories)}${runs}${faults}
</body>
</html>
`.text;
}
