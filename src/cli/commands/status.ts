import { Command } from "commander";

import { loadBinding } from "../../native/binding.ts";
import { inspectRegistration, type RegistrationState } from "../../registration/register.ts";
import { setAction } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { writerIdOf, type WriterOptions } from "../writer-id.ts";

const sentence: Readonly<Record<RegistrationState["state"], string>> = {
  registered: "is registered.",
  drifted: "is registered, and the registry has changed since:",
  absent: "is not registered.",
  foreign: "is registered, but not by wsb-addin.",
};

export function statusCommand(): Command {
  const command = new Command("status")
    .description("say whether the add-in is registered as it was written; exit code 0 or 1")
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json")
    .option("--writer-id <guid>", "writer to look for, when there is no manifest");
  return setAction<WriterOptions>(command, "windows", async (options, { output }) => {
    const writerId = writerIdOf(options);
    const { state, drift } = inspectRegistration(loadBinding(), writerId);
    output.line(`Writer ${writerId} ${sentence[state]}`);
    for (const { key, name, expected, found } of drift) {
      output.line(`  ${key}\n    ${name || "(default)"} is ${found}, was written as ${expected}`);
    }
    output.json({ ok: state === "registered", state, writerId, drift });
    return state === "registered" ? EXIT.done : EXIT.failed;
  });
}
