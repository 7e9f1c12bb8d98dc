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
import { endSessionBeforeChange, findSessionOwner } from "../shared/session.ts";
import { expectedPlan, writerIdOf, type WriterOptions } from "../shared/writer.ts";

/**
 * Removes a registration and its start-up task.
 *
 * @throws {@link WsbError} `ERR_WSB_CONFLICT` while a restore session has services stopped.
 */
export async function unregister(
  binding: NativeBinding,
  options: WriterOptions,
  warn: (text: string) => void,
): Promise<RegistrationOutcome> {
  requireElevation(binding);
  return withRegistrationLock(binding, async () => {
    const owner = findSessionOwner(binding, options);
    if (owner !== undefined) await endSessionBeforeChange(owner, warn);
    const outcome = removeRegistration(
      openMachine(binding),
      writerIdOf(options),
      expectedPlan(options),
    );
    // After the class is removed: without the class, a restart has nothing to recover.
    if (owner !== undefined) await removeBootTask(owner.manifest.addin.clsid);
    return outcome;
  });
}

const document = commandDocument("Output of unregister: the registration was removed.", {
  ok: literal(true),
  changed: whetherChanged,
  writerId: guid,
  kept: list(string).about("Values that were changed after registration, and were therefore kept."),
});

export function unregisterCommand(): Command {
  const command = new Command("unregister")
    .description("remove what register wrote and nothing else; makes all changes or none")
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json")
    .option("--writer-id <guid>", "writer to unregister, if the manifest no longer exists");
  return setAction(command, "windows", document, async (options: WriterOptions, { output }) => {
    const writerId = writerIdOf(options);
    const { changed, kept } = await unregister(loadBinding(), options, (text) =>
      output.note(`Warning: ${text}`),
    );
    for (const value of kept)
      output.note(`Kept, because it was changed after registration: ${value}`);
    output.line(
      changed
        ? `Unregistered writer ${writerId}.`
        : `Writer ${writerId} is not registered. Nothing changed.`,
    );
    output.json({ ok: true, changed, kept, writerId });
    return EXIT.done;
  });
}
