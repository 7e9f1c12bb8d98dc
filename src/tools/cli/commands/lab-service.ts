import { resolve } from "node:path";

import { Command } from "commander";

import { fields } from "../../../base/document/fields.ts";
import { list, literal, string } from "../../../base/document/kinds.ts";
import { loadBinding } from "../../../runtime/native/binding.ts";
import { addStandIn, listStandIns, removeStandIn } from "../../lab/stand-in.ts";
import { setAction } from "../shared/command.ts";
import { commandDocument, open, whetherChanged } from "../shared/document.ts";
import { EXIT } from "../shared/exit-code.ts";
import { requireElevation } from "../shared/require-elevation.ts";
import { serviceState } from "../shared/service-state.ts";

interface AddOptions {
  readonly display?: string;
  readonly data?: string;
  readonly depends?: readonly string[];
}

const changeDocument = (description: string) =>
  commandDocument(description, { ok: literal(true), changed: whetherChanged, name: string });

const addDocument = changeDocument("Output of lab service add: the service runs.");
const removeDocument = changeDocument("Output of lab service remove: there is no such service.");

const listDocument = commandDocument("Output of lab service list: the stand-in services.", {
  ok: literal(true),
  services: list(fields({ name: string, state: serviceState }, open)).about("By name."),
});

function addCommand(): Command {
  const command = new Command("add")
    .description("install a service that stands in for your application's, and start it")
    .argument("<name>", "name of the service, as in the manifest")
    .option("--display <text>", "display name")
    .option("--data <file>", "file that the service holds open, as a database does, while it runs")
    .option("--depends <service...>", "services that must run before it");
  return setAction(
    command,
    "windows",
    addDocument,
    async ({ display, data, depends = [] }: AddOptions, { output, signal }) => {
      const binding = loadBinding();
      requireElevation(binding);
      const [name = ""] = command.args;
      const changed = await addStandIn(binding, {
        name,
        depends,
        signal,
        ...(display !== undefined && { display }),
        // The service has another working folder.
        ...(data !== undefined && { data: resolve(data) }),
      });
      output.line(
        changed
          ? `The service ${name} runs.`
          : `The service ${name} already runs. Nothing changed.`,
      );
      output.json({ ok: true, changed, name });
      return EXIT.done;
    },
  );
}

function removeCommand(): Command {
  const command = new Command("remove")
    .description("stop a stand-in service and remove it")
    .argument("<name>", "name of the service");
  return setAction(command, "windows", removeDocument, async (_options, { output, signal }) => {
    const binding = loadBinding();
    requireElevation(binding);
    const [name = ""] = command.args;
    const changed = await removeStandIn(binding, name, signal);
    output.line(
      changed ? `Removed the service ${name}.` : `There is no service ${name}. Nothing changed.`,
    );
    output.json({ ok: true, changed, name });
    return EXIT.done;
  });
}

function listCommand(): Command {
  const command = new Command("list").description("list the stand-in services");
  return setAction(command, "windows", listDocument, async (_options, { output }) => {
    const services = await listStandIns(loadBinding());
    for (const { name, state } of services) output.line(`${name}  ${state}`);
    if (services.length === 0) output.line("There are no stand-in services.");
    output.json({ ok: true, services });
    return EXIT.done;
  });
}

export function labServiceCommand(): Command {
  return new Command("service")
    .description("manage services that stand in for your application's services")
    .addCommand(addCommand())
    .addCommand(removeCommand())
    .addCommand(listCommand());
}
