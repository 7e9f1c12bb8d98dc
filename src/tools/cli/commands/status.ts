import { ownCommand } from "../shared/own-command.ts";
import { Command } from "commander";

import { boolean, choice, list, string } from "../../../base/document/kinds.ts";
import { WsbError } from "../../../base/errors.ts";
import { addinFolder } from "../../../base/program-data.ts";
import { loadBinding, type NativeBinding } from "../../../runtime/native/binding.ts";
import type { ReportForeign } from "../../../runtime/native/protected-folder.ts";
import { describeForeign } from "../../../runtime/native/protected-file.ts";
import { hasBootTask, needsBootTask } from "../../registration/boot-task.ts";
import { describeWritable, findWritablePaths } from "../../registration/folder-check.ts";
import { addinFiles } from "../../registration/addin-files.ts";
import { readClsid, readInstallation } from "../../registration/read-installation.ts";
import { openMachine } from "../../registration/machine.ts";
import type { PlanEntry } from "../../registration/plan.ts";
import {
  inspectRegistration,
  type RegistrationMachine,
  type RegistrationState,
} from "../../registration/register.ts";
import { setAction } from "../shared/command.ts";
import { commandDocument, guid, type DocumentOf } from "../shared/document.ts";
import { EXIT } from "../shared/exit-code.ts";
import { driftDefinition } from "../shared/show-steps.ts";
import type { Screen } from "../shared/output.ts";
import {
  findSessionOwner,
  reportSession,
  sessionDefinition,
  sessionLines,
} from "../shared/session.ts";
import { expectedPlan, writerIdOf, type WriterOptions } from "../shared/writer.ts";

/** What a registration comes to. */
const conditions = [
  "not registered",
  "as written",
  /** Values differ, or another program wrote them. */
  "differs",
  /** A command was interrupted; the next register, unregister or recover repairs it. */
  "half done",
  /** The registration record cannot be read. */
  "record damaged",
  /** A restore session was abandoned, or its journal is damaged. */
  "abandoned restore",
  /** Only an elevated prompt shows records and sessions. */
  "not visible",
] as const;

export type Condition = (typeof conditions)[number];

const sentence: Readonly<Record<RegistrationState["state"], string>> = {
  registered: "is registered.",
  drifted: "is registered, and the registry has changed since:",
  absent: "is not registered.",
  foreign: "is registered, but not by wsb-addin.",
};

/** Who else than an administrator could change what COM starts for the writer. */
function findWarnings(binding: NativeBinding, writerId: string): readonly string[] {
  const installation = readInstallation(binding, writerId);
  if (installation === undefined) return [];
  try {
    return describeWritable(findWritablePaths(binding, addinFiles(installation)));
  } catch (error) {
    if (error instanceof WsbError && error.code === "ERR_WSB_ACCESS_DENIED") {
      return ["Who can change the add-in's files can only be told from an elevated prompt."];
    }
    throw error;
  }
}

/** Says why the folder with the add-in's sessions is not obeyed, if so. */
function foreignFolder(binding: NativeBinding, writerId: string): readonly string[] {
  const clsid = readClsid(binding, writerId);
  const text = clsid === undefined ? undefined : describeForeign(binding, addinFolder(clsid));
  return text === undefined ? [] : [text];
}

type RecordState = "sound" | "half done" | "damaged" | "not visible";

/** Reads the state of the registration record, and stands for a record that cannot be read. */
function readRecord(
  machine: RegistrationMachine,
  writerId: string,
): { readonly state: RecordState; readonly machine: RegistrationMachine } {
  const without = { ...machine, records: { ...machine.records, read: () => undefined } };
  try {
    const record = machine.records.read(writerId);
    if (record === undefined || record.state === "registered") return { state: "sound", machine };
    return { state: "half done", machine: without };
  } catch (error) {
    const code = error instanceof WsbError ? error.code : undefined;
    // Anybody may ask; only an administrator can read the records.
    if (code === "ERR_WSB_ACCESS_DENIED") return { state: "not visible", machine: without };
    if (code === "ERR_WSB_CONFLICT") return { state: "damaged", machine: without };
    throw error;
  }
}

const document = commandDocument("Whether a registration is as it was written.", {
  ok: boolean.about("Whether condition is as written."),
  condition: choice(conditions).about(
    "What it comes to. half done: a command was interrupted, and register, unregister or recover repairs it; not visible: only an elevated prompt shows the registration record and restore sessions.",
  ),
  state: choice(["registered", "drifted", "absent", "foreign"]).about(
    "foreign: registered, but not by wsb-addin.",
  ),
  writerId: guid,
  drift: list(driftDefinition).about("Values that are not as they were written."),
  warnings: list(string).about(
    "What others than administrators could change, or have made below ProgramData.",
  ),
  session: sessionDefinition.optional(),
  bootRecovery: boolean
    .about("Whether the start-up task is there; absent where none is needed.")
    .optional(),
});
/** The command's document, before it is judged. */
type Status = Omit<DocumentOf<typeof document>, "ok" | "condition">;

interface Found {
  readonly status: Status;
  readonly record: RecordState;
}

/** Reads what only an administrator can read of an add-in. */
function readAddin(
  binding: NativeBinding,
  options: WriterOptions,
): Pick<Status, "session" | "bootRecovery"> {
  const owner = findSessionOwner(binding, options);
  if (owner === undefined) return {};
  const session = reportSession(owner);
  const { manifest } = owner;
  return {
    ...(session === undefined ? {} : { session }),
    ...(needsBootTask(manifest) ? { bootRecovery: hasBootTask(manifest.addin.clsid) } : {}),
  };
}

/** Where to look, and for what. */
export interface StatusRequest {
  readonly binding: NativeBinding;
  /** Opens the machine of the binding. */
  readonly open: (report: ReportForeign) => RegistrationMachine;
  readonly options: WriterOptions;
  /** The values of the manifest's add-in, for a registration without a registration record. */
  readonly plan: readonly PlanEntry[];
}

function readStatus({ binding, open, options, plan }: StatusRequest): Found {
  const writerId = writerIdOf(options);
  const isElevated = binding.isElevated();
  const foreign = new Set<string>();
  const opened = open((text) => foreign.add(text));
  const { state: record, machine } = readRecord(opened, writerId);
  const { state, drift } = inspectRegistration(machine, writerId, plan);
  if (isElevated) for (const text of foreignFolder(binding, writerId)) foreign.add(text);
  if (state === "absent") {
    return { record, status: { state, writerId, drift, warnings: [...foreign] } };
  }
  const warnings = [...foreign, ...findWarnings(binding, writerId)];
  const addin = isElevated ? readAddin(binding, options) : {};
  return {
    record: isElevated ? record : "not visible",
    status: { state, writerId, drift, warnings, ...addin },
  };
}

/** Says what a registration comes to, with what was found; changes nothing. */
export function judgeRegistration(request: StatusRequest): {
  readonly condition: Condition;
  readonly status: Status;
} {
  const found = readStatus(request);
  return { condition: conditionOf(found), status: found.status };
}

/** Decides what a registration comes to: what needs a person first. */
function conditionOf({ record, status: { state, session } }: Found): Condition {
  if (session !== undefined && session.state !== "in progress") return "abandoned restore";
  if (record === "half done") return "half done";
  if (record === "damaged") return "record damaged";
  if (state === "absent") return "not registered";
  if (state !== "registered") return "differs";
  return record === "not visible" ? "not visible" : "as written";
}

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

function show(status: Status, condition: Condition, screen: Screen): void {
  const { state, writerId, drift, warnings, session, bootRecovery } = status;
  screen.line(`Writer ${writerId} ${sentence[state]}`);
  for (const { key, name, expected, found } of drift) {
    screen.line(`  ${key}`);
    screen.line(`    ${name || "(default)"} is ${found}, was written as ${expected}`);
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

export function statusCommand(): Command {
  const command = new Command("status")
    .description(
      "say whether the add-in is registered as it was written, and whether a restore session is open; exit code 0, 1 or 5",
    )
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json")
    .option("--writer-id <guid>", "writer to look for, when there is no manifest");
  return setAction(command, "windows", document, async (options: WriterOptions, { output }) => {
    const binding = loadBinding();
    const { condition, status } = judgeRegistration({
      binding,
      open: (report) => openMachine(binding, report),
      options,
      plan: expectedPlan(options),
    });
    show(status, condition, output);
    output.json({ ok: condition === "as written", condition, ...status });
    return exitCodes[condition] ?? EXIT.failed;
  });
}
