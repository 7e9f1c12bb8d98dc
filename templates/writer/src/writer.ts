import { defineWriter, type HandlerContext } from "wsb-addin";

/** Where the application listens for the writer. */
const APPLICATION = "http://127.0.0.1:8080/";

/**
 * Asks the application to hold its writes, or to release them.
 *
 * Replace this sample with a call that your application understands. `hold` must write everything
 * that the application has in memory to its files, and make it wait before it writes again.
 * `release` must succeed when nothing is held. The call can be a program too:
 *
 *   await context.run({ file: "C:\\Program Files\\Contoso\\ledger.exe", args: [what] });
 */
async function ask(what: "hold" | "release", context: HandlerContext): Promise<void> {
  const url = new URL(what, APPLICATION);
  const response = await fetch(url, { method: "POST", signal: context.signal });
  if (!response.ok) throw new Error(`${url.href} answered ${response.status}.`);
}

/** Tells whether nobody listens: the application does not run, so it holds nothing. */
function isNotRunning(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && cause.code === "ECONNREFUSED";
}

export default defineWriter({
  /**
   * Called before the shadow copies are made.
   *
   * What it may assume:
   * - `context.signal` is aborted at the time limit, `writer.timeoutsMs.freeze` in wsb-addin.json:
   *   10 seconds. Slow work belongs into a handler `prepareSnapshot`, which is called before.
   * - An error that it throws fails the backup, and `thaw` is called.
   *
   * What it must not assume:
   * - That a failure concerns this application only: the whole backup of the server fails.
   */
  async freeze(_request, context) {
    await ask("hold", context);
  },

  /**
   * Called when the shadow copies exist, and whenever a freeze must end.
   *
   * What it may assume:
   * - After an error that it throws, it is called again until it succeeds.
   *
   * What it must not assume:
   * - That `freeze` ran before, or succeeded.
   * - That it runs in the process of `freeze`: keep nothing in memory for it.
   * - That one call ends before the next one starts.
   */
  async thaw({ reason }, context) {
    try {
      await ask("release", context);
    } catch (error) {
      if (!isNotRunning(error)) throw error;
      context.log.info(`Nothing to release (${reason}): the application does not run.`);
    }
  },
});
