import { Command } from "commander";

import { choice, literal } from "../../../base/document/kinds.ts";
import { WsbError } from "../../../base/errors.ts";
import { ownCommand } from "../../../base/own-command.ts";
import { loadManifest } from "../../../runtime/manifest/load.ts";
import { loadBinding, type NativeBinding } from "../../../runtime/native/binding.ts";
import { SWITCH_STATES, WriterSwitch, type SwitchApi } from "../../../runtime/writer/switch.ts";
import { setAction, type ContextOf } from "../shared/command.ts";
import { commandDocument, guid, whetherChanged } from "../shared/document.ts";
import { EXIT } from "../shared/exit-code.ts";
import { manifestPath } from "../shared/installation.ts";
import { requireElevation } from "../shared/require-elevation.ts";
import { writerIdOf, type WriterOptions } from "../shared/writer.ts";

const fields = {
  ok: literal(true),
  changed: whetherChanged,
  writerId: guid,
  before: choice(SWITCH_STATES).about(
    "The switch before: on, or who turned the writer off. unreadable: off, by a value that wsb-addin does not write.",
  ),
};

const documents = {
  on: commandDocument("Output of writer on: the writer takes part in backups.", fields),
  off: commandDocument("Output of writer off: the writer takes no part in backups.", fields),
};

type Position = keyof typeof documents;

export interface SwitchOptions extends WriterOptions {
  readonly dryRun?: boolean;
}

/** Returns the id of a writer that has a switch. */
function switchedWriter(options: SwitchOptions): string {
  if (options.writerId !== undefined) return writerIdOf(options);
  const file = manifestPath(options.manifest);
  const { writer, writerId } = loadManifest(file);
  if (writer.kind === "service") return writerId;
  throw new WsbError(
    "ERR_WSB_INVALID_MANIFEST",
    `${file} has a writer of the kind ${writer.kind}, which has no switch; nothing was changed. Take a declared writer out of backups with: ${ownCommand("unregister")}; any other one with the program that brings it.`,
  );
}

const results: Readonly<Record<Position, string>> = {
  on: "takes part in backups again, within five seconds.",
  off: "takes no part in backups. They do not include its components until you run: ",
};

function sentence(writerId: string, to: Position): string {
  const next = to === "off" ? ownCommand("writer on") : "";
  return `Writer ${writerId} ${results[to]}${next}`;
}

/**
 * Turns a writer on or off.
 *
 * @throws {@link WsbError} `ERR_WSB_ACCESS_DENIED` without elevation; what the manifest or the registry
 * refuses.
 */
export function turnWriter(
  api: SwitchApi & Pick<NativeBinding, "isElevated">,
  to: Position,
  options: SwitchOptions,
  { output }: Pick<ContextOf<(typeof documents)[Position]>, "output">,
): number {
  const writerId = switchedWriter(options);
  const isDryRun = options.dryRun === true;
  if (!isDryRun) requireElevation(api);
  const writerSwitch = new WriterSwitch(api, writerId);
  const before = writerSwitch.read();
  const isThere = (before === "on") === (to === "on");
  const changed = !isThere && !isDryRun;
  if (changed) {
    if (to === "on") writerSwitch.turnOn();
    else writerSwitch.turnOff("administrator");
  }
  if (isThere) output.line(`Writer ${writerId} is already ${to}. Nothing changed.`);
  else output.line(isDryRun ? `Would turn writer ${writerId} ${to}.` : sentence(writerId, to));
  output.json({ ok: true, changed, writerId, before });
  return EXIT.done;
}

function switchCommand(to: Position, description: string): Command {
  const command = new Command(to)
    .description(description)
    .option("--manifest <file>", "manifest of the application", "wsb-addin.json")
    .option("--writer-id <guid>", "writer to switch, when there is no manifest")
    .option("--dry-run", "show the change without making it");
  return setAction(command, "windows", documents[to], async (options: SwitchOptions, context) =>
    turnWriter(loadBinding(), to, options, context),
  );
}

/** The commands of a writer's switch. */
export function switchCommands(): readonly Command[] {
  return [
    switchCommand("off", "take the writer out of backups, which then lack its components"),
    switchCommand("on", "let the writer take part in backups again"),
  ];
}
