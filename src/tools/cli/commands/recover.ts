import { Command } from "commander";

import { boolean, choice, list, literal, string } from "../../../base/document/kinds.ts";
import { WsbError } from "../../../base/errors.ts";
import { textOf, type EventName } from "../../../runtime/events/definitions.ts";
import { loadBinding, type NativeBinding } from "../../../runtime/native/binding.ts";
import { abandonedText } from "../../../runtime/restore/close-session.ts";
import { namesToStart, owedNames } from "../../../runtime/restore/journal/session.ts";
import type { JournalService } from "../../../runtime/restore/journal/step.ts";
import { recoverSession, type RecoverChoice } from "../../../runtime/restore/recover.ts";
import { withRegistrationLock } from "../../registration/lock.ts";
import { openMachine } from "../../registration/machine.ts";
import {
  recoverRegistration,
  type Recovery,
  type RegistrationMachine,
} from "../../registration/register.ts";
import { setAction, type ContextOf } from "../shared/command.ts";
import { commandDocument } from "../shared/document.ts";
import { EXIT } from "../shared/exit-code.ts";
import { keptTo, warningsTo, type Screen } from "../shared/output.ts";
import { ownCommand } from "../../../base/own-command.ts";
import { requireElevation } from "../shared/require-elevation.ts";
import {
  describeSession,
  endSessionBeforeChange,
  findSessionOwner,
  inProgress,
  planSession,
  type PlannedSession,
  sessionDefinition,
  sessionLines,
  type SessionOwner,
} from "../shared/session.ts";
import { writerIdOf, type WriterOptions } from "../shared/writer.ts";

const document = commandDocument(
  "An interrupted restore session was ended, or would be with --dry-run.",
  {
    ok: literal(true),
    changed: boolean.about("Whether anything was changed."),
    state: choice(["no session", "in progress", "abandoned", "recovered"]).about(
      "State of the session that was found; abandoned: nobody will finish it; recovered: it was ended.",
    ),
    stopped: list(string)
      .about("Services that stay stopped, in the order in which they were stopped.")
      .optional(),
    started: list(string).about("Services that run again, in the order of their start.").optional(),
    session: sessionDefinition.optional(),
    wouldStart: list(string)
      .about("With --dry-run: services that would be started, in this order.")
      .optional(),
  },
);

type Context = ContextOf<typeof document>;

/** Why a recovery takes its time. The person who waits for it sees them. */
const LOCK_EVENTS: ReadonlySet<EventName> = new Set(["lockAwaited", "lockOwnerEnded"]);

interface RecoverOptions extends WriterOptions {
  readonly start?: boolean;
  readonly keepStopped?: boolean;
  readonly beforeChange?: boolean;
  readonly dryRun?: boolean;
  readonly force?: boolean;
}

function chosenBy({ start, keepStopped, beforeChange, force }: RecoverOptions): RecoverChoice {
  if ([start, keepStopped, beforeChange].filter((one) => one === true).length > 1) {
    throw new WsbError(
      "ERR_WSB_INVALID_ARGUMENT",
      "--start, --keep-stopped and --before-change exclude each other; nothing was changed. Give one of them.",
    );
  }
  if (beforeChange === true && force === true) {
    throw new WsbError(
      "ERR_WSB_INVALID_ARGUMENT",
      "--before-change refuses while a restore is in progress, and --force overrides that; nothing was changed. Give one of them.",
    );
  }
  const decision = start === true ? "start" : keepStopped === true ? "keepStopped" : "undecided";
  return { decision, force: force === true };
}

/** Says in one line what recovering would do. */
function planLine({ session, state }: PlannedSession): string {
  switch (state) {
    case "in progress":
      return "A restore is in progress: without --force, recovering would change nothing.";
    case "abandoned":
      return "Without --start or --keep-stopped, recovering would change nothing.";
    case "start":
      return `Recovering would start, in this order: ${namesToStart(session).join(", ") || "nothing"}`;
    case "keep stopped":
      return `Recovering would end the session and leave stopped: ${owedNames(session).toReversed().join(", ") || "nothing"}`;
  }
}

function showPlan(owner: SessionOwner, chosen: RecoverChoice, { output }: Context): number {
  const plan = planSession(owner, chosen);
  if (plan === undefined) {
    output.line("No restore session is open, nothing would change.");
    output.json({ ok: true, changed: false, state: "no session" });
    return EXIT.done;
  }
  const session = describeSession(plan);
  for (const line of sessionLines(session)) output.line(line);
  output.line(planLine(plan));
  const wouldStart = plan.state === "start" ? namesToStart(plan.session) : [];
  output.json({ ok: true, changed: false, state: session.state, session, wouldStart });
  return EXIT.done;
}

/** Undoes or completes a registration that was interrupted; says so. */
export async function repairRegistration(
  binding: NativeBinding,
  { machine, writerId }: { readonly machine: RegistrationMachine; readonly writerId: string },
  screen: Screen,
): Promise<Recovery> {
  const report = warningsTo(screen);
  const recovery = await withRegistrationLock({ api: binding, report }, () =>
    recoverRegistration(machine, writerId, keptTo(screen)),
  );
  if (recovery !== "nothing to do") {
    screen.note(`Recovered from an interrupted command: ${recovery}.`);
  }
  return recovery;
}

async function recover(
  { parts, endHooks }: SessionOwner,
  { chosen, isRepaired }: { readonly chosen: RecoverChoice; readonly isRepaired: boolean },
  context: Context,
): Promise<number> {
  const { output } = context;
  const outcome = await recoverSession({ ...parts, ...chosen, endHooks });
  switch (outcome.state) {
    case "no session":
      output.line(
        isRepaired ? "No restore session is open." : "No restore session is open, nothing changed.",
      );
      output.json({ ok: true, changed: isRepaired, state: outcome.state });
      return EXIT.done;
    case "recovered":
      output.line(
        `The restore session is closed. Started: ${outcome.started.join(", ") || "none"}`,
      );
      output.json({ ok: true, changed: true, state: outcome.state, started: outcome.started });
      return EXIT.done;
    case "kept stopped":
      return showKeptStopped(outcome.stopped, context);
    case "in progress": {
      throw inProgress(describeSession(outcome));
    }
    case "abandoned":
      throw new WsbError(
        "ERR_WSB_SERVICE",
        `Nothing was started. ${abandonedText(outcome.session)}`,
      );
    case "services stopped": {
      const again = ownCommand(chosen.decision === "start" ? "recover --start" : "recover");
      throw new WsbError(
        "ERR_WSB_SERVICE",
        `Left stopped: ${outcome.leftStopped.join(", ") || "none"}. ${outcome.text} The session stays open. After that, run: ${again}`,
      );
    }
  }
}

/** Returns what ends a session before a change: an abandoned one keeps its services stopped. */
function chosenBeforeChange(owner: SessionOwner): RecoverChoice {
  const undecided = { decision: "undecided", force: false } as const;
  return planSession(owner, undecided)?.state === "abandoned"
    ? { ...undecided, decision: "keepStopped" }
    : undecided;
}

/** Does what `unregister` does first. Installers call it before they change anything. */
async function prepareChange(
  owner: SessionOwner,
  isRepaired: boolean,
  { output }: Context,
): Promise<number> {
  const isOpen = owner.parts.store.peek() !== undefined;
  await endSessionBeforeChange(owner, (text) => output.note(`Warning: ${text}`));
  output.line(isOpen ? "The restore session is closed." : "No restore session is open.");
  output.json({
    ok: true,
    changed: isOpen || isRepaired,
    state: isOpen ? "recovered" : "no session",
  });
  return EXIT.done;
}

function showKeptStopped(stopped: readonly JournalService[], { output }: Context): number {
  output.line(
    stopped.length === 0
      ? "The restore session is closed, and no service is left stopped by it."
      : "The restore session is closed, and its services stay stopped. To start them, run:",
  );
  for (const service of stopped.toReversed()) {
    for (const line of startCommands(service)) output.line(`  ${line}`);
  }
  const names = stopped.map(({ name }) => name);
  output.json({ ok: true, changed: true, state: "recovered", started: [], stopped: names });
  return EXIT.done;
}

/** The commands that start a service and let Windows start it again when the machine starts. */
function startCommands({
  name,
  startTypeBefore,
  delayedStartBefore,
  staysStopped,
}: JournalService): readonly string[] {
  const startType = delayedStartBefore ? "delayed-auto" : "auto";
  return [
    ...(startTypeBefore === "automatic" ? [`sc.exe config "${name}" start= ${startType}`] : []),
    ...(staysStopped ? [] : [`sc.exe start "${name}"`]),
  ];
}

export function recoverCommand(): Command {
  const command = new Command("recover")
    .description("end an interrupted restore session, and repair an interrupted registration")
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json")
    .option("--writer-id <guid>", "writer of the add-in, when there is no manifest")
    .option("--start", "start the services though files may be half restored")
    .option("--keep-stopped", "end the session and leave the services stopped")
    .option(
      "--before-change",
      "for installers: refuse while a restore is in progress, keep an abandoned one's services stopped",
    )
    .option("--dry-run", "say what would change, and change nothing")
    .option("--force", "end it though its client runs and a restore may be in progress");
  return setAction(command, "windows", document, async (options: RecoverOptions, context) => {
    const chosen = chosenBy(options);
    const binding = loadBinding();
    requireElevation(binding);
    const owner = findSessionOwner(binding, options, (event) => {
      if (LOCK_EVENTS.has(event.event)) context.output.note(textOf(event));
    });
    const recovery =
      options.dryRun === true
        ? "nothing to do"
        : await repairRegistration(
            binding,
            {
              machine: openMachine(binding, warningsTo(context.output)),
              writerId: writerIdOf(options),
            },
            context.output,
          );
    if (owner === undefined && recovery !== "nothing to do") {
      context.output.json({ ok: true, changed: true, state: "no session" });
      return EXIT.done;
    }
    if (owner === undefined) {
      throw new WsbError(
        "ERR_WSB_INVALID_ARGUMENT",
        "There is no add-in here that could have a restore session. Name its manifest with --manifest, or its writer with --writer-id.",
      );
    }
    const { beforeChange, dryRun } = options;
    if (dryRun === true) {
      return showPlan(owner, beforeChange === true ? chosenBeforeChange(owner) : chosen, context);
    }
    const isRepaired = recovery !== "nothing to do";
    return beforeChange === true
      ? prepareChange(owner, isRepaired, context)
      : recover(owner, { chosen, isRepaired }, context);
  });
}
