import { existsSync } from "node:fs";

import { Command, Option } from "commander";

import { codedFileError } from "../../../base/file-error.ts";
import { exitCodeOf } from "./exit-code.ts";
import { nameOf, setDocument, type CommandDocument } from "./document.ts";
import { createOutput, printError, printFailure, type Output } from "./output.ts";
import { CANCEL_FILE_VARIABLE, relayToLab } from "./relay.ts";

/** The context of a command's action; `T` is the command's document. */
export interface ActionContext<T> {
  readonly output: Output<T>;
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Does the command's work and returns its exit code. */
export type Action<Options, T> = (options: Options, context: ActionContext<T>) => Promise<number>;

/** The context of the action of a command that prints the document `D`. */
export type ContextOf<D> = D extends CommandDocument<infer T> ? ActionContext<T> : never;

/** Whether a command needs Windows; on other systems, the lab runs the whole command line. */
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

/** Sets the action of `command`, its `--json` document, its error report and its exit code. */
export function setAction<Options extends object, T extends object>(
  command: Command,
  where: Where,
  document: CommandDocument<T>,
  action: Action<Options, T>,
): Command {
  setDocument(command, document);
  command.addOption(new Option("--json", "print one JSON document on stdout"));
  command.action(async () => {
    const options = command.opts<Options & { json?: boolean }>();
    const form = options.json === true ? "json" : "text";
    const output = createOutput<T>(nameOf(command), form);
    try {
      const signal = interruptSignal();
      process.exitCode =
        where === "windows" && process.platform !== "win32"
          ? await relayToLab(process.argv.slice(2), signal)
          : await action(options, { output, signal });
    } catch (thrown) {
      const error = codedFileError(thrown);
      printError(output, error);
      if (form === "json") printFailure(nameOf(command), error);
      process.exitCode = exitCodeOf(error);
    }
  });
  return command;
}
