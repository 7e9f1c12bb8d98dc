import { machineClock, type Clock } from "../../base/clock.ts";
import { errorText } from "../../base/errors.ts";
import { lateChildProcess } from "../../base/late-modules.ts";
import { commandHere } from "../../base/own-command.ts";
import type { Emit } from "../events/emit.ts";
import { GUARDIAN_ARGUMENT } from "./modes.ts";
import { isSelfThere, selfCommand } from "./self-command.ts";

export interface GuardianKeeperOptions {
  readonly emit: Emit;
  /** The class id of the add-in. */
  readonly clsid: string;
  /** Tells whether a guardian has its place. */
  readonly hasGuardian: () => boolean;
  /** @defaultValue this machine's */
  readonly clock?: Clock;
  /** Returns the id of the open session; asked after a guardian has ended. */
  readonly openSessionId: () => string | undefined;
  /** Called when a guardian starts to watch, and when no guardian is needed any more. */
  readonly onOpen: () => void;
  readonly onClose: () => void;
}

// Bounds the restarts of a guardian that keeps failing.
const MAX_STARTS = 5;

// How long a restore waits for its guardian before it stops services without one.
const WAIT_MS = 10_000;
const POLL_MS = 20;

/**
 * Keeps a guardian running while a session is open. The guardian is a separate process that
 * survives when this process ends or is killed. The function that is returned starts it and waits
 * until it has its place, at most ten seconds.
 *
 * If a guardian cannot be started, an error event says so and the restore continues: the journal
 * exists, so the next call, `wsb-addin recover` or the next boot can end the session.
 */
export function createGuardianKeeper(
  options: GuardianKeeperOptions,
): (sessionId: string) => Promise<void> {
  const {
    emit,
    clsid,
    openSessionId,
    onOpen,
    onClose,
    hasGuardian,
    clock = machineClock,
  } = options;
  let isRunning = false;
  let starts = 0;

  const report = (error: unknown): void => {
    const text = `The guardian of the restore session is not running: ${errorText(error)}. If the restore is interrupted, run: ${commandHere("recover")}`;
    emit({ event: "message", level: "error", text });
  };

  const start = (sessionId: string): void => {
    starts += 1;
    const { program, args } = selfCommand([GUARDIAN_ARGUMENT, clsid]);
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
      // Without its files each start would fail at once; the next activation tries again.
      const canStart = isSelfThere();
      if (open !== undefined && starts < MAX_STARTS && canStart) {
        start(open);
        return;
      }
      const why = canStart ? `it ended with code ${code}, ${starts} times` : "its files are gone";
      if (open !== undefined) report(new Error(why));
      isRunning = false;
      onClose();
    });
    child.unref();
  };

  const keep = (sessionId: string): void => {
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

  const isAwaited = (): boolean => isRunning && !hasGuardian();

  return async (sessionId) => {
    keep(sessionId);
    const deadline = clock.now() + WAIT_MS;
    while (isAwaited() && clock.now() < deadline) await clock.wait(POLL_MS);
    if (isAwaited()) {
      report(new Error(`it did not begin within ${WAIT_MS / 1000} seconds`));
    }
  };
}
