import { Command, InvalidArgumentError } from "commander";

import type { Definition } from "../../../base/document/definition.ts";
import { dictionary, forms } from "../../../base/document/fields.ts";
import { boolean, integer, literal, string } from "../../../base/document/kinds.ts";
import { shared } from "../../../base/document/schema.ts";
import { NODE_VERSIONS, type NodeMajor } from "../../download/node.ts";
import { ABILITIES, type Abilities } from "../../lab/abilities.ts";
import { labDown } from "../../lab/down.ts";
import { wineUpgrade } from "../../lab/info.ts";
import type { Lab } from "../../lab/lab.ts";
import { labFolder } from "../../lab/folder.ts";
import { runInLab } from "../../lab/run.ts";
import { restartLab, startLab } from "../../lab/start.ts";
import { releaseHeld } from "../../lab/held.ts";
import { labUp } from "../../lab/up.ts";
import { setAction } from "../shared/command.ts";
import { commandDocument, open } from "../shared/document.ts";
import { EXIT } from "../shared/exit-code.ts";
import type { Screen } from "../shared/output.ts";
import { requireLab } from "../shared/relay.ts";
import { labServiceCommand } from "./lab-service.ts";

const machine = {
  nodeExe: string.about("Windows path."),
  proxyStub: string.about("Windows path."),
  service: string.about("Windows path."),
  nodeVersion: string,
};

const labDefinition: Definition<Lab> = shared(
  "lab",
  forms(
    "kind",
    {
      wine: {
        folder: string,
        prefix: string,
        ...machine,
        wineVersion: string.about("Wine that the lab was made with."),
        abilities: dictionary(boolean).about(
          "What this Wine can do, as it answered at lab up. The list of abilities is open.",
        ),
      },
      machine,
    },
    open,
  ).about("A lab: a Wine prefix, or the machine itself on Windows."),
);

const upDocument = commandDocument("Output of lab up: the lab is running.", {
  ok: literal(true),
  lab: labDefinition,
});

const restartDocument = commandDocument("Output of lab restart: the lab's programs were ended.", {
  ok: literal(true),
  lab: labDefinition,
});

const downDocument = commandDocument("Output of lab down: the lab was removed.", {
  ok: literal(true),
  changed: boolean.about("Whether a lab existed."),
});

const infoDocument = commandDocument("Output of lab info: the paths of the lab.", {
  ok: literal(true),
  lab: labDefinition,
});

const runDocument = commandDocument("Output of lab run: the result of the program.", {
  ok: boolean.about("Whether the exit code is 0."),
  exitCode: integer({ least: Number.MIN_SAFE_INTEGER, most: Number.MAX_SAFE_INTEGER }).about(
    "Exit code of the program and of the command.",
  ),
  stdout: string,
  stderr: string,
});

interface UpOptions {
  readonly node?: NodeMajor;
}

function isNodeMajor(text: string): text is NodeMajor {
  return Object.keys(NODE_VERSIONS).includes(text);
}

function parseNodeMajor(text: string): NodeMajor {
  if (isNodeMajor(text)) return text;
  throw new InvalidArgumentError(`Choose one of ${Object.keys(NODE_VERSIONS).join(", ")}.`);
}

function upCommand(): Command {
  const command = new Command("up")
    .description(
      "set up the lab and start its services, which run until lab down; fast if it is already running",
    )
    .option(
      "--node <major>",
      "Node.js 20, 22 or 24, if this Wine runs it (default: the lab's own, 22 for a new lab)",
      parseNodeMajor,
    );
  return setAction(
    command,
    "anywhere",
    upDocument,
    async ({ node }: UpOptions, { output, signal }) => {
      const options = { onProgress: output.note, signal };
      const lab = await labUp({
        folder: labFolder(),
        ...options,
        ...(node !== undefined && { node }),
      });
      await startLab(lab, options);
      output.line("The lab is running.");
      output.json({ ok: true, lab });
      return EXIT.done;
    },
  );
}

function restartCommand(): Command {
  const command = new Command("restart").description(
    "end all programs in the lab and start its automatic services again; keeps registrations and files",
  );
  return setAction(command, "anywhere", restartDocument, async (_options, { output, signal }) => {
    const lab = requireLab();
    await restartLab(lab, { onProgress: output.note, signal });
    output.line(
      lab.kind === "wine"
        ? "Restarted the lab."
        : "On Windows, the lab is this machine. Nothing changed.",
    );
    output.json({ ok: true, lab });
    return EXIT.done;
  });
}

function downCommand(): Command {
  const command = new Command("down").description("stop all programs in the lab and remove it");
  return setAction(command, "anywhere", downDocument, async (_options, { output, signal }) => {
    const changed = await labDown({ folder: labFolder(), signal });
    output.line(changed ? "Removed the lab." : "There is no lab. Nothing changed.");
    output.json({ ok: true, changed });
    return EXIT.done;
  });
}

function showAbilities(abilities: Abilities, output: Screen): void {
  for (const [name, can] of Object.entries(abilities)) {
    output.line((can ? "can" : "cannot").padEnd(13) + (ABILITIES[name] ?? name));
  }
}

function infoCommand(): Command {
  const command = new Command("info").description("show the paths and programs of the lab");
  return setAction(command, "anywhere", infoDocument, async (_options, { output }) => {
    const lab = requireLab();
    for (const [name, value] of Object.entries(lab)) {
      if (typeof value === "string") output.line(`${name.padEnd(12)} ${value}`);
    }
    if (lab.kind === "wine") showAbilities(lab.abilities, output);
    const upgrade = wineUpgrade(lab);
    if (upgrade !== undefined) output.note(upgrade);
    output.json({ ok: true, lab });
    return EXIT.done;
  });
}

function runCommand(): Command {
  const command = new Command("run")
    .description(
      "run a program in the lab, for example: wsb-addin lab run -- reg query HKLM\\SOFTWARE",
    )
    .argument("<program>", "Windows program, or node for the lab's node.exe")
    .argument("[args...]", "its arguments");
  return setAction(
    command,
    "anywhere",
    runDocument,
    async ({ json }: { readonly json?: boolean }, { output, signal }) => {
      const lab = requireLab();
      const [program = "", ...args] = command.args;
      if (lab.kind === "wine") await releaseHeld(lab, signal);
      const printed = { stdout: "", stderr: "" };
      const pass = (stream: "stdout" | "stderr") => (text: string) => {
        if (json === true) printed[stream] += text;
        else process[stream].write(text);
      };
      const exitCode = await runInLab(lab, program === "node" ? lab.nodeExe : program, args, {
        cwd: process.cwd(),
        signal,
        onStdout: pass("stdout"),
        onStderr: pass("stderr"),
      });
      output.json({ ok: exitCode === 0, exitCode, ...printed });
      return exitCode;
    },
  );
}

export function labCommand(): Command {
  return new Command("lab")
    .description("manage the lab: a Wine prefix with node.exe, COM, registry and services")
    .addCommand(upCommand())
    .addCommand(downCommand())
    .addCommand(restartCommand())
    .addCommand(infoCommand())
    .addCommand(runCommand())
    .addCommand(labServiceCommand());
}
