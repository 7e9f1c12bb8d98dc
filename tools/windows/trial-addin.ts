/**
 * The add-in of the Windows Server Backup trial. It logs the arguments, start and end of each call,
 * and its consistency check is slow enough that a backup must wait for it.
 */
import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

import { type HandlerContext, type RestoreRequest, defineAddin } from "wsb-addin";

// Also in trial.ps1.
const CHECK_MS = 45_000;

function describeRestore(request: RestoreRequest): string {
  const { componentName, logicalPath, noRollForward, writerMetadata } = request;
  const metadataLength = writerMetadata?.length ?? null;
  return JSON.stringify({ componentName, logicalPath, noRollForward, metadataLength });
}

/** Long enough for a second call to overlap the first if Windows makes calls in parallel. */
async function recordRestore(request: RestoreRequest, { log, signal }: HandlerContext) {
  log.info(`begins ${describeRestore(request)}`);
  await delay(2000, undefined, { signal });
  log.info(`ends ${describeRestore(request)}`);
}

export default defineAddin({
  preRestore: recordRestore,
  postRestore: recordRestore,

  orderComponents({ components }, { log }) {
    log.info(`begins ${JSON.stringify(components)}`);
    // The reverse order, so that the following calls show whether Windows respects the answer.
    return components.toReversed();
  },

  isRollForwardSupported({ log }) {
    log.info("begins");
    return true;
  },

  async checkConsistency({ componentName, logicalPath, volumes }, { log, signal }) {
    log.info(`begins ${JSON.stringify({ componentName, logicalPath, volumes })}`);
    for (const { snapshot } of volumes) {
      const file = `${snapshot ?? ""}Ledger\\${componentName ?? ""}\\ledger.db`;
      try {
        const content = await readFile(file, "latin1");
        log.info(`read ${file}: ${content.trim()}`);
      } catch (error) {
        // Only logged, so that the component stays recoverable.
        log.warn(`cannot read ${file}: ${String(error)}`);
      }
    }
    try {
      await delay(CHECK_MS, undefined, { signal });
    } catch (error) {
      log.warn(`aborted: ${String(signal.reason)}`);
      throw error;
    }
    log.info(`ends ${JSON.stringify({ componentName, logicalPath })}`);
  },
});
