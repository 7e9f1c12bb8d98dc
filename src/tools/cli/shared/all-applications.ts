import type { Definition, TypeOf } from "../../../base/document/definition.ts";
import { fields } from "../../../base/document/fields.ts";
import { boolean, choice, list, orNull, string } from "../../../base/document/kinds.ts";
import { shared } from "../../../base/document/schema.ts";
import { WsbError } from "../../../base/errors.ts";
import { MANIFEST_FILE } from "../../../runtime/manifest/manifest.ts";
import type { NativeBinding } from "../../../runtime/native/binding.ts";
import { readEvents } from "../../../runtime/events/read-events.ts";
import { sessionMarks } from "../../../runtime/restore/journal/mark.ts";
import { CONDITIONS } from "../../registration/condition.ts";
import { findApplications } from "../../registration/find-applications.ts";
import { openMachine } from "../../registration/machine.ts";
import { serverCommand } from "../../registration/plan.ts";
import { readClsid, readInstallation } from "../../registration/read-installation.ts";
import { readHistory } from "../../report/history.ts";
import { splitRuns, type Run } from "../../report/runs.ts";
import { summarize } from "../../report/summary.ts";
import { showTime } from "../../report/time.ts";
import { backupProblems, readFreezes, type Freezes } from "../../writer/backups.ts";
import { count, guid, open } from "./document.ts";
import { EXIT } from "./exit-code.ts";
import { expectedInstalled } from "./expected-installed.ts";
import { describeWriter } from "./show-steps.ts";
import { judgeRegistration, type Status } from "./judge-registration.ts";
import { ownCommand } from "../../../base/own-command.ts";
import type { Screen } from "./output.ts";
import { sessionDefinition, sessionLines } from "./session.ts";

const lastRestore = fields(
  {
    sessionId: orNull(string).about("null for a restore that stops no service."),
    headline: string.about("The outcome and what failed, for people."),
    started: string.about("ISO 8601, UTC."),
    ended: string.about("ISO 8601, UTC."),
    verdict: choice(["completed", "failed", "abandoned", "recovered", "open"]),
    failures: count,
    leftStopped: list(string).about("Services that ran before and did not run at its end."),
  },
  open,
);

const application = fields(
  {
    name: string.about("Application Identifier."),
    writerId: guid,
    clsid: guid.optional(),
    program: string.about("Command line that COM starts.").optional(),
    condition: choice([...CONDITIONS, "not compared"]).about(
      "not compared: a package registered it, and only its own program knows the values.",
    ),
    problems: list(string).about("What is wrong, in sentences."),
    session: sessionDefinition.optional(),
    bootRecovery: boolean
      .about("Whether the start-up task is there; absent where none is needed.")
      .optional(),
    lastRestore: lastRestore
      .about("The last restore; absent if there was none or it is not visible.")
      .optional(),
  },
  open,
);

export type ApplicationStatus = TypeOf<typeof application>;

/** An application that the kit registered, in a document. */
export const applicationDefinition: Definition<ApplicationStatus> = shared(
  "applicationStatus",
  application,
);

type Restore = NonNullable<ApplicationStatus["lastRestore"]>;

function toRestore(run: Run): Restore | undefined {
  const history = readHistory(run);
  const { session, startMs, endMs } = history;
  const summary = summarize(history);
  const { verdict } = summary;
  if (session === undefined || verdict === "calls") return undefined;
  return {
    sessionId: session.sessionId ?? null,
    started: new Date(startMs).toISOString(),
    ended: new Date(endMs).toISOString(),
    ...summary,
    verdict: verdict === "keptStopped" ? "recovered" : verdict,
  };
}

/** What the event files tell of the last restore. */
interface FoundRestore {
  readonly lastRestore?: Restore;
  /** Why it cannot be told. */
  readonly problems: readonly string[];
}

function findLastRestore(binding: NativeBinding, clsid: string): FoundRestore {
  try {
    const { lines, unreadable } = readEvents(binding, clsid, (read) =>
      splitRuns(read).some(({ isRestore }) => isRestore),
    );
    const run = splitRuns(lines).findLast(({ isRestore }) => isRestore);
    const restore = run && toRestore(run);
    return { ...(restore && { lastRestore: restore }), problems: unreadable };
  } catch (error) {
    if (!(error instanceof WsbError)) throw error;
    // What only an administrator sees is said once for all.
    const isDenied = error.code === "ERR_WSB_ACCESS_DENIED";
    return { problems: isDenied ? [] : [error.message] };
  }
}

function problemsOf(
  status: Status & Freezes,
  condition: ApplicationStatus["condition"],
): readonly string[] {
  const { drift, warnings, session, bootRecovery } = status;
  const texts: Readonly<Partial<Record<ApplicationStatus["condition"], string>>> = {
    "not registered": "A registration record is here, but the writer is not registered.",
    differs: "The registration is not as it was written.",
    "half done": "A command was interrupted while it changed the registration.",
    "record damaged": "The registration record cannot be read.",
  };
  const text = texts[condition];
  return [
    ...(text === undefined ? [] : [text]),
    ...drift.map(
      ({ key, name, expected, found }) =>
        `${key}, ${name || "(default)"}: is ${found}, was ${expected}.`,
    ),
    ...describeWriter(status),
    ...backupProblems(status, ownCommand).map(({ found }) => found),
    ...warnings,
    ...(session?.state === "abandoned" ? ["A restore was abandoned."] : []),
    ...(bootRecovery === false ? ["There is no start-up task."] : []),
  ];
}

async function statusOf(
  binding: NativeBinding,
  { writerId, name }: { readonly writerId: string; readonly name: string },
): Promise<ApplicationStatus> {
  const options = { manifest: MANIFEST_FILE, writerId };
  const expected = expectedInstalled(binding, options);
  const judged = await judgeRegistration({
    binding,
    open: (report) => openMachine(binding, report),
    options,
    ...expected,
  });
  const status = { ...judged.status, ...readFreezes(binding, writerId) };
  const isUnknown = status.state === "foreign" && expected.plan.length === 0;
  const condition = isUnknown && judged.condition === "differs" ? "not compared" : judged.condition;
  const clsid = readClsid(binding, writerId);
  const installation = readInstallation(binding, writerId);
  const { session, bootRecovery } = status;
  const restore = clsid === undefined ? { problems: [] } : findLastRestore(binding, clsid);
  return {
    name,
    writerId,
    ...(clsid !== undefined && { clsid }),
    ...(clsid !== undefined && installation && { program: serverCommand(installation) }),
    condition,
    problems: [...problemsOf(status, condition), ...restore.problems],
    ...(session && { session }),
    ...(bootRecovery !== undefined && { bootRecovery }),
    ...(restore.lastRestore && { lastRestore: restore.lastRestore }),
  };
}

/** What of the kit is on a machine. */
export interface AllApplications {
  readonly applications: readonly ApplicationStatus[];
  /** Class ids of add-ins with an open restore session that no writer names any more. */
  readonly orphans: readonly string[];
}

/** Finds every application that the kit registered, without a manifest; changes nothing. */
export async function findAll(binding: NativeBinding): Promise<AllApplications> {
  const found = findApplications(binding).map((one) => statusOf(binding, one));
  const applications = await Promise.all(found);
  const known = new Set(applications.map(({ clsid }) => clsid?.toUpperCase()));
  const orphans = sessionMarks(binding).filter((clsid) => !known.has(clsid.toUpperCase()));
  return { applications, orphans };
}

const fine: ReadonlySet<string> = new Set(["as written", "not compared"]);

/** Returns the exit code of the worst application. */
export function exitCodeOfAll({ applications, orphans }: AllApplications): number {
  const bad = applications.filter(({ condition }) => !fine.has(condition));
  if (orphans.length > 0 || bad.some(({ condition }) => condition !== "not visible")) {
    return EXIT.failed;
  }
  return bad.length > 0 ? EXIT.elevation : EXIT.done;
}

function restoreLine(last: Restore | undefined, isElevated: boolean): string {
  if (last === undefined) {
    return isElevated
      ? "  No restore so far."
      : "  Restores are only visible from an elevated prompt.";
  }
  const { started, headline, leftStopped } = last;
  const stopped = leftStopped.length === 0 ? "" : ` Left stopped: ${leftStopped.join(", ")}.`;
  return `  Last restore ${showTime(Date.parse(started), "minute")}: ${headline}${stopped}`;
}

function applicationLines(one: ApplicationStatus, isElevated: boolean): readonly string[] {
  const { name, writerId, clsid, program, condition, problems, session, lastRestore: last } = one;
  const problem = condition === "not compared" ? "registered by a package" : condition;
  return [
    `${name}: ${problem}`,
    `  Writer ${writerId}`,
    ...(program === undefined ? [] : [`  Starts ${program}`]),
    ...(clsid === undefined ? [] : [restoreLine(last, isElevated)]),
    ...problems.map((text) => `  Problem: ${text}`),
    ...(session === undefined ? [] : sessionLines(session).map((line) => `  ${line}`)),
    ...(fine.has(condition) && problems.length === 0
      ? []
      : [`  More: ${ownCommand(`doctor --writer-id ${writerId}`)}`]),
  ];
}

/** Shows all applications to a person. */
export function showAll(
  { applications, orphans }: AllApplications,
  isElevated: boolean,
  screen: Screen,
): void {
  if (applications.length === 0) screen.line("No application of wsb-addin is on this machine.");
  for (const one of applications) {
    for (const line of applicationLines(one, isElevated)) screen.line(line);
  }
  for (const clsid of orphans) {
    screen.line(
      `Problem: the add-in ${clsid} has an open restore session and is not registered. Its services may be stopped. Register it again, then run its command recover.`,
    );
  }
  if (!isElevated) {
    screen.line("Run this command from an elevated prompt to see records and restores.");
  }
}
