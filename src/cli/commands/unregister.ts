import { Command } from "commander";

import { loadBinding } from "../../native/binding.ts";
import { withRegistrationLock } from "../../registration/lock.ts";
import { openMachine } from "../../registration/machine.ts";
import { removeRegistration } from "../../registration/register.ts";
import { setAction } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { requireElevation } from "../require-elevation.ts";
import { expectedPlan, writerIdOf, type WriterOptions } from "../writer.ts";

export function unregisterCommand(): Command {
  const command = new Command("unregister")
    .description("remove what register wrote, and nothing else: all or nothing")
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json")
    .option("--writer-id <guid>", "writer to unregister, when there is no manifest any more");
  return setAction<WriterOptions>(command, "windows", async (options, { output }) => {
    const writerId = writerIdOf(options);
    const binding = loadBinding();
    requireElevation(binding);
    const machine = openMachine(binding);
    const { changed, kept } = await withRegistrationLock(binding, () =>
      removeRegistration(machine, writerId, expectedPlan(options)),
    );
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
