import { Command } from "commander";

import { list, literal, string } from "../../../base/document/kinds.ts";
import { loadBinding, type NativeBinding } from "../../../runtime/native/binding.ts";
import { withRegistrationLock } from "../../registration/lock.ts";
import { removeBootTask } from "../../registration/boot-task.ts";
import { openMachine } from "../../registration/machine.ts";
import { removeRegistration, type RegistrationOutcome } from "../../registration/register.ts";
import { setAction } from "../shared/command.ts";
import { commandDocument, guid, whetherChanged } from "../shared/document.ts";
import { EXIT } from "../shared/exit-code.ts";
import { requireElevation } from "../shared/require-elevation.ts";
import { findSessionOwner, refuseDuringSession } from "../shared/session.ts";
import { expectedPlan, writerIdOf, type WriterOptions } from "../shared/writer.ts";

/**
 * Removes a registration with its start-up task, as `unregister` does.
 *
 * @throws {@link WsbError} `ERR_WSB_CONFLICT` while a restore session has services stopped.
 */
export async function unregister(
  binding: NativeBinding,
  options: WriterOptions,
): Promise<RegistrationOutcome> {
  requireElevation(binding);
  return withRegistrationLock(binding, async () => {
    const owner = findSessionOwner(binding, options);
    if (owner !== undefined) refuseDuringSession(owner);
    const outcome = removeRegistration(
      openMachine(binding),
      writerIdOf(options),
      expectedPlan(options),
    );
    // After the class has gone: a machine that starts in between has nothing to recover.
    if (owner !== undefined) await removeBootTask(owner.manifest.addin.clsid);
    return outcome;
  });
}

const document = commandDocument("A registration was removed.", {
  ok: literal(true),
  changed: whetherChanged,
  writerId: guid,
  kept: list(string).about(
    "Values that somebody has changed since they were written, and that were kept.",
  ),
});

export function unregisterCommand(): Command {
  const command = new Command("unregister")
    .description("remove what register wrote, and nothing else: all or nothing")
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json")
    .option("--writer-id <guid>", "writer to unregister, when there is no manifest any more");
  return setAction(command, "windows", document, async (options: WriterOptions, { output }) => {
    const writerId = writerIdOf(options);
    const { changed, kept } = await unregister(loadBinding(), options);
    for (const value of kept) output.note(`Kept what was changed since: ${value}`);
    output.line(
      changed
        ? `Unregistered writer ${writerId}.`
        : `Writer ${writerId} is not registered, nothing changed.`,
    );
    output.json({ ok: true, changed, kept, writerId });
    return EXIT.done;
  });
}
