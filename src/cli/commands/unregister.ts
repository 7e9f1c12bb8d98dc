import { Command } from "commander";

import { loadBinding } from "../../native/binding.ts";
import { removeRegistration } from "../../registration/register.ts";
import { setAction } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { requireElevation } from "../require-elevation.ts";
import { writerIdOf, type WriterOptions } from "../writer-id.ts";

export function unregisterCommand(): Command {
  const command = new Command("unregister")
    .description("remove what register wrote, and nothing else")
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json")
    .option("--writer-id <guid>", "writer to unregister, when there is no manifest any more");
  return setAction<WriterOptions>(command, "windows", async (options, { output }) => {
    const writerId = writerIdOf(options);
    const binding = loadBinding();
    requireElevation(binding);
    const { changed, kept } = removeRegistration(binding, writerId);
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
