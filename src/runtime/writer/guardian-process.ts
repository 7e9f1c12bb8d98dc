/** The process of a guardian: how a service starts it, and how it hears its service. */
import { lateChildProcess } from "../../base/late-modules.ts";
import { GUARDIAN_ARGUMENT } from "../addin/modes.ts";
import { selfCommand, type SelfCommand } from "../addin/self-command.ts";
import type { OrderListener } from "./guardian.ts";
import type { GuardianListener, GuardianProcess } from "./guardian-leash.ts";
import { formatMessage, parseOrder, parseReport } from "./guardian-messages.ts";

// A guardian whose input has ended ends within milliseconds, unless it hangs.
const END_MS = 5000;

/**
 * Starts the guardian of this service. Its input is its leash: it ends when this process ends, however
 * that happens.
 *
 * @throws The error of Node.js, for a program that is missing.
 */
export function spawnGuardian(
  listener: GuardianListener,
  { program, args }: SelfCommand = selfCommand([GUARDIAN_ARGUMENT]),
): GuardianProcess {
  const { spawn } = lateChildProcess();
  const child = spawn(program, args, {
    detached: true,
    stdio: ["pipe", "pipe", "ignore"],
    windowsHide: true,
  });
  let isOver = false;
  const onExit = (why: string): void => {
    if (isOver) return;
    isOver = true;
    listener.onExit(why);
  };
  let killer: NodeJS.Timeout | undefined;
  child.once("error", (error) => onExit(error.message));
  child.once("exit", (code) => onExit(`it ended with code ${code}`));
  // A guardian that has ended cannot be written to; its end says so.
  child.stdin.on("error", () => {});
  child.stdout.setEncoding("utf8").on(
    "data",
    linesTo((line) => {
      const report = parseReport(line);
      if (report !== undefined) listener.onReport(report);
    }),
  );
  return {
    send(order) {
      child.stdin.write(formatMessage(order));
    },
    close() {
      child.stdin.end();
      killer ??= setTimeout(() => child.kill(), END_MS).unref();
    },
  };
}

/** The two ends of the guardian's own process. */
export interface GuardianStreams {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** Passes the orders of the service on, and the end of the input, however it comes. */
export function listenTo(input: NodeJS.ReadableStream, listener: OrderListener): void {
  input.setEncoding("utf8");
  input.on(
    "data",
    linesTo((line) => {
      const order = parseOrder(line);
      if (order !== undefined) listener.onOrder(order);
    }),
  );
  for (const end of ["end", "error", "close"]) input.once(end, () => listener.onEnd());
}

/** Returns a function that takes text in any pieces, and passes its lines on. */
function linesTo(onLine: (line: string) => void): (piece: string) => void {
  let rest = "";
  return (piece) => {
    const lines = `${rest}${piece}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  };
}
