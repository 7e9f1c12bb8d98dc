import type { AnyHandlerName } from "../../base/handler-name.ts";
import type { Emit } from "../events/emit.ts";
import type { NativeBinding } from "../native/binding.ts";
import type { HandlerContext, HandlerLog } from "./define-addin.ts";
import { createProgramRunner, type ProgramRunnerOptions } from "./program.ts";
import { ProgressLog } from "./progress.ts";

/** The surroundings of a running handler. */
export interface HandlerSetting {
  readonly handler: AnyHandlerName;
  /** Aborts at the handler's limit, among others. */
  readonly signal: AbortSignal;
  readonly emit: Emit;
  readonly startProcess: NativeBinding["startProcess"];
  /** What the handler works on, to begin its messages of progress and of programs. */
  readonly subject?: string;
}

/** The context of a running handler. */
export interface OpenContext {
  readonly context: HandlerContext;
  /** Returns what {@link HandlerContext.run} runs programs with. */
  readonly programs: () => ProgramRunnerOptions;
  /** Ends the handler's programs and its progress. Call it when the handler has ended. */
  readonly close: () => void;
}

function logOf({ handler, emit }: HandlerSetting): HandlerLog {
  const log = (level: "info" | "warn", message: string): void =>
    emit({ event: "message", level, text: `${handler}: ${message}` });
  return {
    info: (message) => log("info", message),
    warn: (message) => log("warn", message),
  };
}

/** Opens the context for a handler. */
export function openContext(setting: HandlerSetting): OpenContext {
  const { handler, startProcess, subject } = setting;
  const log = logOf(setting);
  const info = (message: string): void =>
    log.info(subject === undefined ? message : `${subject}: ${message}`);
  const progress = new ProgressLog(info);
  // A program that the handler did not wait for must not outlive it. Most handlers run none, and
  // abort signals take longer than all the rest.
  let end: AbortController | undefined;
  let hasEnded = false;
  const endPrograms = (): void =>
    end?.abort(new DOMException(`The handler ${handler} has ended.`, "AbortError"));
  const programs = (): ProgramRunnerOptions => {
    end ??= new AbortController();
    if (hasEnded) endPrograms();
    const signal = AbortSignal.any([setting.signal, end.signal]);
    return { startProcess, signal, log: { info } };
  };
  return {
    context: {
      signal: setting.signal,
      log,
      progress: (update) => progress.report(update),
      run: (options) => createProgramRunner(programs())(options),
    },
    programs,
    close() {
      progress.end();
      hasEnded = true;
      endPrograms();
    },
  };
}
