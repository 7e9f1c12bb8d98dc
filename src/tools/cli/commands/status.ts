import { Command } from "commander";

import { boolean, choice, list, string } from "../../../base/document/kinds.ts";
import { WsbError } from "../../../base/errors.ts";
import { loadBinding, type NativeBinding } from "../../../runtime/native/binding.ts";
import { hasBootTask, needsBootTask, removeBootTask } from "../../registration/boot-task.ts";
import { describeWritable, findWritablePaths } from "../../registration/folder-check.ts";
import { addinFiles } from "../../registration/addin-files.ts";
import { readInstallation } from "../../registration/read-installation.ts";
import { withRegistrationLock } from "../../registration/lock.ts";
import type { RegistrationRecords } from "../../registration/registration-record.ts";
import { openMachine } from "../../registration/machine.ts";
import {
  inspectRegistration,
  recoverRegistration,
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

/** Anybody may ask; only an administrator can read the records. */
function withoutRights(records: RegistrationRecords): RegistrationRecords {
  return {
    ...records,
    read(writerId) {
      try {
        return records.read(writerId);
      } catch (error) {
        if (error instanceof WsbError && error.code === "ERR_WSB_ACCESS_DENIED") return undefined;
        throw error;
      }
    },
  };
}

/** A registration that was undone may have left its start-up task. */
async function removeOrphanedTask(binding: NativeBinding, options: WriterOptions): Promise<void> {
  const owner = findSessionOwner(binding, options);
  if (owner !== undefined && readInstallation(binding, owner.manifest.writerId) === undefined) {
    await removeBootTask(owner.manifest.addin.clsid);
  }
}

const document = commandDocument("Whether a registration is as it was written.", {
  ok: boolean.about("Whether state is registered, and no abandoned session has services stopped."),
  state: choice(["registered", "drifted", "absent", "foreign"]).about(
    "foreign: registered, but not by wsb-addin.",
  ),
  writerId: guid,
  drift: list(driftDefinition).about("Values that are not as they were written."),
  warnings: list(string).about("Others than administrators could change these."),
  session: sessionDefinition.optional(),
  bootRecovery: boolean
    .about("Whether the start-up task is there; absent where none is needed.")
    .optional(),
});
/** Recovers from a command that was interrupted. */
async function finishBrokenOff(
  binding: NativeBinding,
  machine: RegistrationMachine,
  options: WriterOptions,
  screen: Screen,
): Promise<void> {
  const recovery = await withRegistrationLock(binding, () =>
    recoverRegistration(machine, writerIdOf(options)),
  );
  if (recovery !== "nothing to do")
    screen.note(`Recovered from an interrupted command: ${recovery}.`);
  if (recovery === "registration undone") await removeOrphanedTask(binding, options);
}

/** The command's document, before it is judged. */
type Status = Omit<DocumentOf<typeof document>, "ok">;

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

async function readStatus(options: WriterOptions, screen: Screen): Promise<Status> {
  const writerId = writerIdOf(options);
  const binding = loadBinding();
  const opened = openMachine(binding);
  const isElevated = binding.isElevated();
  const machine = isElevated ? opened : { ...opened, records: withoutRights(opened.records) };
  if (isElevated) await finishBrokenOff(binding, machine, options, screen);
  const { state, drift } = inspectRegistration(machine, writerId, expectedPlan(options));
  if (state === "absent") return { state, writerId, drift, warnings: [] };
  const warnings = findWarnings(binding, writerId);
  const addin = isElevated ? readAddin(binding, options) : {};
  return { state, writerId, drift, warnings, ...addin };
}

function show(status: Status, screen: Screen): void {
  const { state, writerId, drift, warnings, session, bootRecovery } = status;
  screen.line(`Writer ${writerId} ${sentence[state]}`);
  for (const { key, name, expected, found } of drift) {
    screen.line(`  ${key}\n    ${name || "(default)"} is ${found}, was written as ${expected}`);
  }
  for (const warning of warnings) screen.line(`Warning: ${warning}`);
  if (session !== undefined) for (const line of sessionLines(session)) screen.line(line);
  if (bootRecovery === false) {
    screen.line("No start-up task: a restore that a power cut breaks off is not ended at boot.");
  }
}

export function statusCommand(): Command {
  const command = new Command("status")
    .description("say whether the add-in is registered as it was written; exit code 0 or 1")
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json")
    .option("--writer-id <guid>", "writer to look for, when there is no manifest");
  return setAction(command, "windows", document, async (options: WriterOptions, { output }) => {
    const status = await readStatus(options, output);
    show(status, output);
    const isOver = status.session !== undefined && status.session.state !== "in progress";
    const ok = status.state === "registered" && !isOver;
    output.json({ ok, ...status });
    return ok ? EXIT.done : EXIT.failed;
  });
}
