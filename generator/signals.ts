const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/** What ends the process when nobody waits for anything any more. */
export class Interrupted extends Error {
  readonly exitCode: number;

  constructor(signal: string, exitCode: number) {
    super(`Interrupted by ${signal}; nothing was created.`);
    this.name = "Interrupted";
    this.exitCode = exitCode;
  }
}

/**
 * Makes Ctrl-C and its like abort a signal instead of ending the process, so that whoever waits for
 * something can clean up first. Files are written synchronously: a signal never finds half of one.
 *
 * @returns Reason of the abort: an {@link Interrupted}.
 */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const [signal, exitCode] of Object.entries(exitCodes)) {
    process.once(signal, () => controller.abort(new Interrupted(signal, exitCode)));
  }
  return controller.signal;
}
