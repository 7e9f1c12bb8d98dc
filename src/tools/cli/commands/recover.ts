import { Command } from "commander";

import { boolean, choice, list, literal, string } from "../../../base/document/kinds.ts";
import { WsbError } from "../../../base/errors.ts";
import { loadBinding } from "../../../runtime/native/binding.ts";
import { planRecovery, recoverSession } from "../../../runtime/restore/recover.ts";
import { owedServices } from "../../../runtime/restore/transitions.ts";
import { setAction, type ContextOf } from "../shared/command.ts";
import { commandDocument } from "../shared/document.ts";
import { EXIT } from "../shared/exit-code.ts";
import { requireElevation } from "../shared/require-elevation.ts";
import {
  describeSession,
  findSessionOwner,
  sessionDefinition,
  sessionLines,
  type SessionOwner,
} from "../shared/session.ts";
import type { WriterOptions } from "../shared/writer.ts";

const document = commandDocument(
  "A restore session that was broken off was ended, or would be with --dry-run.",
  {
    ok: literal(true),
    changed: boolean.about("Whether anything was changed."),
    state: choice(["no session", "in progress", "abandoned", "recovered"]).about(
      "State of the session that was found; recovered: it was ended.",
    ),
    started: list(string).about("Services that run again, in the order of their start.").optional(),
    session: sessionDefinition.optional(),
    wouldStart: list(string)
      .about("With --dry-run: services that would be started, in this order.")
      .optional(),
  },
);

type Context = ContextOf<typeof document>;

interface RecoverOptions extends WriterOptions {
  readonly dryRun?: boolean;
  readonly force?: boolean;
}

/** Which sessions are to be ended: with `force` also one whose client is running. */
interface Scope {
  readonly force: boolean;
}

function showPlan({ parts }: SessionOwner, { force }: Scope, { output }: Context): number {
  const plan = planRecovery(parts.store.read(), parts.living, force);
  if (plan.state === "no session") {
    output.line("No restore session is open, nothing would change.");
    output.json({ ok: true, changed: false, state: plan.state });
    return EXIT.done;
  }
  const session = describeSession(plan.journal, plan.state);
  for (const line of sessionLines(session)) output.line(line);
  const wouldStart = plan.state === "abandoned" ? owedServices(plan.journal) : [];
  output.line(
    plan.state === "abandoned"
      ? `Recovering would start, in this order: ${wouldStart.join(", ") || "nothing"}`
      : "A restore is under way: without --force, recovering would change nothing.",
  );
  output.json({ ok: true, changed: false, state: plan.state, session, wouldStart });
  return EXIT.done;
}

async function recover(
  { parts }: SessionOwner,
  { force }: Scope,
  { output }: Context,
): Promise<number> {
  const outcome = await recoverSession({ ...parts, force });
  switch (outcome.state) {
    case "no session":
      output.line("No restore session is open, nothing changed.");
      output.json({ ok: true, changed: false, state: outcome.state });
      return EXIT.done;
    case "recovered":
      output.line(
        `The restore session is closed. Started: ${outcome.started.join(", ") || "none"}`,
      );
      output.json({ ok: true, changed: true, state: outcome.state, started: outcome.started });
      return EXIT.done;
    case "in progress": {
      const { clients } = describeSession(outcome.journal, "in progress");
      throw new WsbError(
        "ERR_WSB_CONFLICT",
        `A restore is under way: ${clients.join(", ")} is running; nothing was changed. Let it end, or end the session all the same with --force.`,
      );
    }
    case "services stopped":
      throw new WsbError(
        "ERR_WSB_SERVICE",
        `Left stopped: ${outcome.leftStopped.join(", ") || "none"}. ${outcome.text}`,
      );
  }
}

export function recoverCommand(): Command {
  const command = new Command("recover")
    .description("end a restore session that was broken off, and start the services it stopped")
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json")
    .option("--writer-id <guid>", "writer of the add-in, when there is no manifest")
    .option("--dry-run", "say what would change, and change nothing")
    .option("--force", "end it though its client is running and a restore may be under way");
  return setAction(command, "windows", document, async (options: RecoverOptions, context) => {
    const binding = loadBinding();
    requireElevation(binding);
    const owner = findSessionOwner(binding, options);
    if (owner === undefined) {
      throw new WsbError(
        "ERR_WSB_INVALID_ARGUMENT",
        "There is no add-in here that could have a restore session. Name its manifest with --manifest, or its writer with --writer-id.",
      );
    }
    const force = options.force === true;
    return options.dryRun === true
      ? showPlan(owner, { force }, context)
      : recover(owner, { force }, context);
  });
}
