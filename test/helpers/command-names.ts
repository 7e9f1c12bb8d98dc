import type { Command } from "commander";

/** Returns the full names of a program's commands without groups: `lab up`. */
export function commandNames(command: Command, above = ""): readonly string[] {
  return command.commands.flatMap((one) => {
    const name = `${above} ${one.name()}`.trim();
    return one.commands.length === 0 ? [name] : commandNames(one, name);
  });
}
