import { errorText } from "../../base/errors.ts";
import { lateChildProcess } from "../../base/late-modules.ts";
import type { Emit } from "../events/emit.ts";
import { GUARDIAN_ARGUMENT } from "./modes.ts";
import { selfCommand } from "./self-command.ts";

export interface GuardianKeeperOptions {
  readonly emit: Emit;
  /** The session that is open when a guardian has ended. */
  readonly openSessionId: () => string | undefined;
  /** Told when a guardian watches, and when none is needed any more. */
  readonly onOpen: () => void;
  readonly onClose: () => void;
}

// One that cannot live is not started for ever.
const MAX_STARTS = 5;

/**
 * Keeps a guardian running while a session is open: a process of its own, which outlives this one
 * and its kill.
 *
 * A guardian that cannot be started is an error event and the restore goes on: the journal is there,
 * and the next call, `wsb-addin recover` and the start of the machine each repair what is left.
 */
export function createGuardianKeeper(options: GuardianKeeperOptions): (sessionId: string) => void {
  const { emit, openSessionId, onOpen, onClose } = options;
  let isRunning = false;
  let starts = 0;

  const report = (error: unknown): void => {
    const text = `The guardian of the restore session is not running: ${errorText(error)}. Should the restore be broken off, run: wsb-addin recover`;
    emit({ event: "message", level: "error", text });
  };

  const start = (sessionId: string): void => {
    starts += 1;
    const { program, args } = selfCommand([GUARDIAN_ARGUMENT]);
    const { spawn } = lateChildProcess();
    const child = spawn(program, args, { detached: true, stdio: "ignore", windowsHide: true });
    child.once("error", (error) => {
      isRunning = false;
      report(error);
      onClose();
    });
    child.once("exit", (code) => {
      let open: string | undefined;
      try {
        open = openSessionId();
      } catch (error) {
        report(error);
      }
      if (open !== undefined && open !== sessionId) starts = 0;
      if (open !== undefined && starts < MAX_STARTS) {
        start(open);
        return;
      }
      if (open !== undefined) report(new Error(`it ended with code ${code}, ${starts} times`));
      isRunning = false;
      onClose();
    });
    child.unref();
  };

  return (sessionId) => {
    if (isRunning) return;
    isRunning = true;
    starts = 0;
    onOpen();
    try {
      start(sessionId);
    } catch (error) {
      isRunning = false;
      report(error);
      onClose();
    }
  };
}
