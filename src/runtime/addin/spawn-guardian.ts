import { errorText } from "../../base/errors.ts";
import { lateChildProcess } from "../../base/late-modules.ts";
import type { Emit } from "../events/emit.ts";
import { GUARDIAN_ARGUMENT } from "./modes.ts";
import { selfCommand } from "./self-command.ts";

export interface GuardianKeeperOptions {
  readonly emit: Emit;
  /** Returns the id of the open session; asked after a guardian has ended. */
  readonly openSessionId: () => string | undefined;
  /** Called when a guardian starts to watch, and when no guardian is needed any more. */
  readonly onOpen: () => void;
  readonly onClose: () => void;
}

// Bounds the restarts of a guardian that keeps failing.
const MAX_STARTS = 5;

/**
 * Keeps a guardian running while a session is open. The guardian is a separate process that
 * survives when this process ends or is killed.
 *
 * If a guardian cannot be started, an error event says so and the restore continues: the journal
 * exists, so the next call, `wsb-addin recover` or the next boot can end the session.
 */
export function createGuardianKeeper(options: GuardianKeeperOptions): (sessionId: string) => void {
  const { emit, openSessionId, onOpen, onClose } = options;
  let isRunning = false;
  let starts = 0;

  const report = (error: unknown): void => {
    const text = `The guardian of the restore session is not running: ${errorText(error)}. If the restore is interrupted, run: wsb-addin recover`;
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
