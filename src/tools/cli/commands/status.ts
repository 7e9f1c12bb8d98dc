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
  type RegistrationState,
} from "../../registration/register.ts";
import { setAction } from "../shared/command.ts";
import { commandDocument, guid } from "../shared/document.ts";
import { EXIT } from "../shared/exit-code.ts";
import { driftDefinition } from "../shared/show-steps.ts";
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

export function statusCommand(): Command {
  const command = new Command("status")
    .description("say whether the add-in is registered as it was written; exit code 0 or 1")
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json")
    .option("--writer-id <guid>", "writer to look for, when there is no manifest");
  return setAction(command, "windows", document, async (options: WriterOptions, { output }) => {
    const writerId = writerIdOf(options);
    const binding = loadBinding();
    const opened = openMachine(binding);
    const elevated = binding.isElevated();
    const machine = elevated ? opened : { api: opened.api, records: withoutRights(opened.records) };
    if (elevated) {
      const recovery = await withRegistrationLock(binding, () =>
        recoverRegistration(machine, writerId),
      );
      if (recovery !== "nothing to do") output.note(`A command had broken off: ${recovery}.`);
      if (recovery === "registration undone") await removeOrphanedTask(binding, options);
    }
    const { state, drift } = inspectRegistration(machine, writerId, expectedPlan(options));
    output.line(`Writer ${writerId} ${sentence[state]}`);
    for (const { key, name, expected, found } of drift) {
      output.line(`  ${key}\n    ${name || "(default)"} is ${found}, was written as ${expected}`);
    }
    const warnings = state === "absent" ? [] : findWarnings(binding, writerId);
    for (const warning of warnings) output.line(`Warning: ${warning}`);
    const owner = elevated && state !== "absent" ? findSessionOwner(binding, options) : undefined;
    const session = owner === undefined ? undefined : reportSession(owner);
    if (session !== undefined) for (const line of sessionLines(session)) output.line(line);
    const bootRecovery =
      owner === undefined || !needsBootTask(owner.manifest)
        ? undefined
        : hasBootTask(owner.manifest.addin.clsid);
    if (bootRecovery === false) {
      output.line("No start-up task: a restore that a power cut breaks off is not ended at boot.");
    }
    const ok = state === "registered" && session?.state !== "abandoned";
    output.json({
      ok,
      state,
      writerId,
      drift,
      warnings,
      ...(session === undefined ? {} : { session }),
      ...(bootRecovery === undefined ? {} : { bootRecovery }),
    });
    return ok ? EXIT.done : EXIT.failed;
  });
}
