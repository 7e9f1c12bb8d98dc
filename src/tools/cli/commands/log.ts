import { mkdtempSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { Command, InvalidArgumentError } from "commander";

import type { TypeOf } from "../../../base/document/definition.ts";
import { fields } from "../../../base/document/fields.ts";
import { choice, list, literal, orNull, string } from "../../../base/document/kinds.ts";
import { WsbError } from "../../../base/errors.ts";
import { ownCommand } from "../../../base/own-command.ts";
import { fileError } from "../../../base/file-error.ts";
import { loadManifest } from "../../../runtime/manifest/load.ts";
import { requireAddin } from "../../../runtime/manifest/manifest.ts";
import { loadBinding } from "../../../runtime/native/binding.ts";
import { writerKey } from "../../registration/keys.ts";
import { decodeString } from "../../registration/registry-value.ts";
import { readHistory } from "../../report/history.ts";
import { renderPage } from "../../report/page.ts";
import { readEvents } from "../../../runtime/events/read-events.ts";
import { splitRuns } from "../../report/runs.ts";
import type { History } from "../../report/spans.ts";
import { sentencesOf, summarize, type Verdict } from "../../report/summary.ts";
import { showTime } from "../../report/time.ts";
import { toTimeline } from "../../report/to-timeline.ts";
import { setAction, type ContextOf } from "../shared/command.ts";
import { commandDocument, count, open } from "../shared/document.ts";
import { BROKEN_OFF_PAGE, seePage } from "../shared/docs-page.ts";
import { EXIT } from "../shared/exit-code.ts";
import { manifestPath } from "../shared/installation.ts";
import { openFile } from "../shared/open-file.ts";
import type { Screen } from "../shared/output.ts";
import { relayToLab } from "../shared/relay.ts";
import { entryLines, timelineEntryDefinition, timelineHeading } from "../shared/show-timeline.ts";
import { writerIdOf, type WriterOptions } from "../shared/writer.ts";

const nullableString = orNull(string);

const session = fields(
  {
    sessionId: nullableString.about(
      "null for a restore that stops no service, and for calls outside of a restore.",
    ),
    client: nullableString.about("Program that called; null if the events do not tell it."),
    headline: string.about("The outcome and what failed, for people."),
    started: string.about("ISO 8601, UTC."),
    ended: string.about("ISO 8601, UTC."),
    verdict: choice(["completed", "failed", "abandoned", "recovered", "open", "calls"]).about(
      "failed: the session completed with failures; recovered: somebody ended the session, and leftStopped lists the services that stay stopped; calls: calls outside of a restore.",
    ),
    failures: count.about("One that several events recorded counts once."),
    leftStopped: list(string).about("Services that ran before and do not run now."),
    timeline: list(timelineEntryDefinition),
  },
  open,
);

const document = commandDocument("Output of log: the last restore sessions.", {
  ok: literal(true),
  name: string.about("Name of the application."),
  damaged: count.about("Lines of the event file that could not be read."),
  unreadable: list(string).about("What failed, for each event file that could not be read."),
  sessions: list(session).about("The sessions, oldest first."),
  page: nullableString.about("Path of the written page; null without --html and --open."),
});

type Context = ContextOf<typeof document>;

interface LogOptions extends WriterOptions {
  readonly last: number;
  readonly html?: string;
  readonly open?: boolean;
}

/** The add-in whose events are shown. */
interface LoggedAddin {
  readonly name: string;
  readonly clsid: string;
}

function parseCount(text: string): number {
  if (/^[1-9]\d{0,3}$/u.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a number from 1 to 9999.");
}

function findLoggedAddin(options: LogOptions): LoggedAddin {
  if (options.writerId === undefined) {
    const file = manifestPath(options.manifest);
    const manifest = loadManifest(file);
    const { name, writer, writerId, addin } = manifest;
    // A writer without an add-in has its events under its own id.
    if (addin === undefined && writer.kind === "service") return { name, clsid: writerId };
    return { name, clsid: requireAddin(manifest, file, { to: "show" }).addin.clsid };
  }
  const binding = loadBinding();
  const key = writerKey(writerIdOf(options));
  const clsid = decodeString(binding.readRegistryValue(key, "CLSID"));
  if (clsid !== undefined) {
    const name = decodeString(binding.readRegistryValue(key, "Application Identifier"));
    return { name: name ?? clsid, clsid };
  }
  throw new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    `No add-in is registered for writer ${options.writerId}. Name the manifest of the add-in with --manifest.`,
  );
}

function headingOf({ session: restore, isBackup }: History): string {
  if (restore === undefined) return isBackup ? "Backup" : "Calls";
  return restore.sessionId === undefined ? "Restore" : `Restore session ${restore.sessionId}`;
}

const brokenOff: ReadonlySet<Verdict> = new Set(["abandoned", "recovered", "keptStopped", "open"]);

function show(history: History, output: Screen): void {
  const { startMs } = history;
  const heading = headingOf(history);
  output.line(`${heading}, ${showTime(startMs, "whole")}`);
  output.line(timelineHeading());
  for (const line of toTimeline(history).flatMap(entryLines)) output.line(line);
  for (const sentence of sentencesOf(history)) output.line(sentence);
  if (brokenOff.has(summarize(history).verdict)) output.line(seePage(BROKEN_OFF_PAGE));
}

function documentOf(history: History): TypeOf<typeof session> {
  const { session: opened, startMs, endMs } = history;
  const summary = summarize(history);
  const { verdict } = summary;
  return {
    sessionId: opened?.sessionId ?? null,
    client: opened?.client ?? null,
    started: new Date(startMs).toISOString(),
    ended: new Date(endMs).toISOString(),
    ...summary,
    verdict: verdict === "keptStopped" ? "recovered" : verdict,
    timeline: toTimeline(history),
  };
}

function writePage(file: string, page: string): void {
  try {
    writeFileSync(file, page);
  } catch (error) {
    throw fileError(`Cannot write --html ${file}`, "Choose a file in a folder that exists.", error);
  }
}

/** Returns a path for a page without --html, in a folder that only this user can read. */
function temporaryPage(): string {
  return join(mkdtempSync(join(tmpdir(), "wsb-addin-log-")), "log.html");
}

/** Shows a line for each of several runs, where a terminal still shows it: at the end. */
function showIndex(histories: readonly History[], output: Screen): void {
  if (histories.length < 2) return;
  output.line("");
  for (const history of histories) {
    const { headline } = summarize(history);
    output.line(`${showTime(history.startMs, "minute")}  ${headline}`);
  }
}

/** Opens a page, or says where it is. */
async function openPage(file: string, note: Screen["note"]): Promise<void> {
  if (await openFile(file)) return;
  note(
    `There is no desktop here. Open this file in a browser, here or on another machine: ${file}`,
  );
}

/** Environment variable with the path of the page as the machine around the lab sees it. */
const PAGE_VARIABLE = "WSB_ADDIN_PAGE";

async function showLog(options: LogOptions, { output }: Context): Promise<number> {
  const { name, clsid } = findLoggedAddin(options);
  const { lines, damaged, unreadable } = readEvents(
    loadBinding(),
    clsid,
    (read) => splitRuns(read).length > options.last,
  );
  const histories = splitRuns(lines).slice(-options.last).map(readHistory);
  if (histories.length === 0) {
    const simulate = ownCommand("simulate restore");
    output.line(`${name} has no events yet. To make some, run: ${simulate}`);
  }
  for (const history of histories) show(history, output);
  showIndex(histories, output);
  if (damaged > 0) output.note(`Unreadable lines in the event files: ${damaged}.`);
  for (const sentence of unreadable) output.note(sentence);
  const html = options.html ?? (options.open === true ? temporaryPage() : undefined);
  const file = html === undefined ? undefined : resolve(html);
  const shownFile = file && (process.env[PAGE_VARIABLE] ?? file);
  if (file !== undefined) {
    const madeMs = Date.now();
    writePage(
      file,
      renderPage({ name, machine: hostname(), madeMs, histories, damaged, unreadable }),
    );
    output.line(`Page: ${shownFile}`);
  }
  const sessions = histories.map(documentOf);
  output.json({ ok: true, name, damaged, unreadable, sessions, page: shownFile ?? null });
  if (file !== undefined && options.open === true) await openPage(file, output.note);
  return EXIT.done;
}

/** Runs the command in the lab, which has the events, and opens the page here, where the browser is. */
async function relayLog(options: LogOptions, { output, signal }: Context): Promise<number> {
  const args = process.argv.slice(2);
  if (options.open !== true && options.html === undefined) return relayToLab(args, signal);
  const file = resolve(options.html ?? temporaryPage());
  const others = args.filter((arg) => arg !== "--open");
  const html = options.html === undefined ? ["--html", file] : [];
  const code = await relayToLab([...others, ...html], signal, { [PAGE_VARIABLE]: file });
  if (code === EXIT.done && options.open === true) await openPage(file, output.note);
  return code;
}

export function logCommand(): Command {
  const command = new Command("log")
    .description("show what happened last, as a timeline of calls, services and failures")
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json")
    .option("--writer-id <guid>", "writer of the add-in, if there is no manifest")
    .option(
      "--last <number>",
      "number of restores to show; consistency checks count",
      parseCount,
      1,
    )
    .option("--html <file>", "write a page that draws the timeline")
    .option("--open", "open the page in the browser");
  return setAction(command, "anywhere", document, (options: LogOptions, context) =>
    process.platform === "win32" ? showLog(options, context) : relayLog(options, context),
  );
}
