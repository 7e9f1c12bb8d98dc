import { Command } from "commander";

import { boolean, choice, list, string } from "../../../base/document/kinds.ts";
import { WsbError } from "../../../base/errors.ts";
import { loadBinding } from "../../../runtime/native/binding.ts";
import { CONDITIONS, type Condition } from "../../registration/condition.ts";
import { openMachine } from "../../registration/machine.ts";
import type { RegistrationState } from "../../registration/register.ts";
import { backupProblems, readFreezes, type Freezes } from "../../writer/backups.ts";
import {
  exitCodeOfAll,
  applicationDefinition,
  findAll,
  showAll,
} from "../shared/all-applications.ts";
import { setAction, type ContextOf } from "../shared/command.ts";
import { commandDocument, count, guid, setVariant, type DocumentOf } from "../shared/document.ts";
import { EXIT } from "../shared/exit-code.ts";
import { expectedInstalled } from "../shared/expected-installed.ts";
import { judgeRegistration, type Status } from "../shared/judge-registration.ts";
import { createOutput, type Screen } from "../shared/output.ts";
import { ownCommand } from "../../../base/own-command.ts";
import { sessionDefinition, sessionLines } from "../shared/session.ts";
import {
  declaredWriterDefinition,
  describeWriter,
  driftDefinition,
  writerServiceDefinition,
} from "../shared/show-steps.ts";
import type { WriterOptions } from "../shared/writer.ts";

const sentence: Readonly<Record<RegistrationState["state"], string>> = {
  registered: "is registered.",
  drifted: "is registered, and was changed since:",
  absent: "is not registered.",
  foreign: "is registered, but not by wsb-addin.",
};

const document = commandDocument("Whether a registration is as it was written.", {
  ok: boolean.about("Whether condition is as written."),
  condition: choice(CONDITIONS).about(
    "What it comes to. half done: a command was interrupted, and register, unregister or recover repairs it; not visible: only an elevated prompt shows the registration record and restore sessions.",
  ),
  state: choice(["registered", "drifted", "absent", "foreign"]).about(
    "foreign: registered, but not by wsb-addin.",
  ),
  writerId: guid,
  drift: list(driftDefinition).about("Values that are not as they were written."),
  declaredWriter: declaredWriterDefinition.optional(),
  writerService: writerServiceDefinition.optional(),
  warnings: list(string).about(
    "What others than administrators could change, or have made below ProgramData.",
  ),
  session: sessionDefinition.optional(),
  bootRecovery: boolean
    .about("Whether the start-up task is there; absent where none is needed.")
    .optional(),
  writerOff: choice(["administrator", "failedFreezes", "unreadable"])
    .about(
      "Who turned the writer off, so that backups lack its components; absent for a writer that is on.",
    )
    .optional(),
  failedFreezes: count
    .about(
      "The freezes of the writer that failed one after the other, and their backups with them; absent when the last one did not.",
    )
    .optional(),
  frozen: boolean
    .about(
      "A freeze has begun whose end is not on record: a backup is under way, thaw fails, or the machine restarted in it; absent otherwise.",
    )
    .optional(),
});

const allDocument = commandDocument("Output of status --all: the applications on this machine.", {
  ok: boolean.about("Whether each condition is as written or not compared."),
  applications: list(applicationDefinition).about("Every application that wsb-addin registered."),
  orphans: list(guid).about(
    "Class ids of add-ins with an open restore session that are not registered.",
  ),
});

const advice: Readonly<Partial<Record<Condition, string>>> = {
  "half done": `A command was interrupted. To undo or complete it, run ${ownCommand("register")}, unregister or recover from an elevated prompt.`,
  "record damaged": `Its registration record cannot be read. To set it aside and register again, run: ${ownCommand("register --repair")}`,
  "not visible":
    "Not visible without elevation: the registration record, and whether a restore has stopped services. Run this command from an elevated prompt.",
};

const exitCodes: Readonly<Partial<Record<Condition, number>>> = {
  "as written": EXIT.done,
  "not visible": EXIT.elevation,
};

function show(status: Status & Freezes, condition: Condition, screen: Screen): void {
  const { state, writerId, drift, warnings, session, bootRecovery } = status;
  screen.line(`Writer ${writerId} ${sentence[state]}`);
  for (const { key, name, expected, found } of drift) {
    screen.line(`  ${key}`);
    screen.line(`    ${name || "(default)"} is ${found}, was written as ${expected}`);
  }
  for (const line of describeWriter(status)) screen.line(`  ${line}`);
  for (const { found, advice: next } of backupProblems(status, ownCommand)) {
    screen.line(`${found} ${next}`);
  }
  const more = advice[condition];
  if (more !== undefined) screen.line(more);
  for (const warning of warnings) screen.line(`Warning: ${warning}`);
  if (session !== undefined) for (const line of sessionLines(session)) screen.line(line);
  if (bootRecovery === false) {
    screen.line(
      `No start-up task: after a power cut during a restore, nothing checks the session at boot. To create it, run: ${ownCommand("boot-recovery on")}`,
    );
  }
}

interface StatusOptions extends WriterOptions {
  readonly all?: boolean;
  readonly json?: boolean;
}

const ALL = "all";

async function statusOfAll(form: "json" | "text"): Promise<number> {
  const output = createOutput<DocumentOf<typeof allDocument>>(`status ${ALL}`, form);
  const binding = loadBinding();
  const all = await findAll(binding);
  showAll(all, binding.isElevated(), output);
  const code = exitCodeOfAll(all);
  output.json({ ok: code === EXIT.done, ...all });
  return code;
}

async function statusOfOne(
  options: WriterOptions,
  output: ContextOf<typeof document>["output"],
): Promise<number> {
  const binding = loadBinding();
  const { condition, status } = await judgeRegistration({
    binding,
    open: (report) => openMachine(binding, report),
    options,
    ...expectedInstalled(binding, options),
  });
  const freezes = readFreezes(binding, status.writerId);
  show({ ...status, ...freezes }, condition, output);
  output.json({ ok: condition === "as written", condition, ...status, ...freezes });
  return exitCodes[condition] ?? EXIT.failed;
}

export function statusCommand(): Command {
  const command = new Command("status")
    .description(
      "say whether the add-in is registered as it was written, and whether a restore session is open; exit code 0, 1 or 5",
    )
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json")
    .option("--writer-id <guid>", "writer to look for, when there is no manifest")
    .option(
      "--all",
      "list every application that wsb-addin registered here, with its last restore",
    );
  setVariant(command, ALL, allDocument);
  return setAction(command, "windows", document, async (options: StatusOptions, { output }) => {
    const { all, json, ...writer } = options;
    if (all !== true) return statusOfOne(writer, output);
    if (writer.writerId === undefined) return statusOfAll(json === true ? "json" : "text");
    throw new WsbError(
      "ERR_WSB_INVALID_ARGUMENT",
      "--all and --writer-id exclude each other. Give one of them.",
    );
  });
}
