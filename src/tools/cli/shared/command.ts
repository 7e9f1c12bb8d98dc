import { existsSync } from "node:fs";

import { Command, Option } from "commander";

import { codedFileError } from "../../../base/file-error.ts";
import { exitCodeOf } from "./exit-code.ts";
import { createOutput, errorDocument, paint, type Output } from "./output.ts";
import { CANCEL_FILE_VARIABLE, relayToLab } from "./relay.ts";

/** What a command's action gets. */
export interface ActionContext {
  readonly output: Output;
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Does the command's work and returns its exit code. */
export type Action<Options> = (options: Options, context: ActionContext) => Promise<number>;

/** Whether a command needs Windows: off it, the whole command line is run in the lab. */
export type Where = "anywhere" | "windows";

const CANCEL_POLL_MS = 100;

function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  process.once("SIGINT", () => controller.abort());
  process.once("SIGTERM", () => controller.abort());
  const cancelFile = process.env[CANCEL_FILE_VARIABLE];
  if (cancelFile !== undefined) {
    const timer = setInterval(() => {
      if (existsSync(cancelFile)) controller.abort();
    }, CANCEL_POLL_MS);
    timer.unref();
  }
  return controller.signal;
}

/** Full name of a command without the program's: `lab up`. */
function nameOf(command: Command): string {
  const { parent } = command;
  if (parent === null) return "";
  return `${nameOf(parent)} ${command.name()}`.trim();
}

/** Gives `command` its action, `--json`, error reporting and exit code. */
export function setAction<Options extends object>(
  command: Command,
  where: Where,
  action: Action<Options>,
): Command {
  command.addOption(new Option("--json", "print one JSON document on stdout"));
  command.action(async () => {
    const options = command.opts<Options & { json?: boolean }>();
    const output = createOutput(nameOf(command), options.json === true ? "json" : "text");
    try {
      const signal = interruptSignal();
      process.exitCode =
        where === "windows" && process.platform !== "win32"
          ? await relayToLab(process.argv.slice(2), signal)
          : await action(options, { output, signal });
    } catch (thrown) {
      const error = codedFileError(thrown);
      const document = errorDocument(error);
      output.note(`${paint("red", "error:")} ${String(document["message"])}`);
      output.json({ ok: false, error: document });
      process.exitCode = exitCodeOf(error);
    }
  });
  return command;
}
