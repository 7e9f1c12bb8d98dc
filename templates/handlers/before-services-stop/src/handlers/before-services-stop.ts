import type { BeforeServicesStopHandler } from "wsb-addin";

/**
 * Called once in a restore, before the services in wsb-addin.json stop.
 *
 * What it may assume:
 * - The application still runs: it can write what it has in memory, export settings, refuse the
 *   restore.
 * - `request.services` stop after it, in this order, with the services that depend on them.
 * - `context.signal` is aborted at the time limit, `timeoutsMs.beforeServicesStop` in wsb-addin.json.
 * - An error that it throws stops nothing and fails the restore; Windows Server Backup gets the
 *   message.
 *
 * What it must not assume:
 * - That it is called: it is not when no service runs, for example when a restore is run again.
 * - That another handler runs in the same process: keep nothing in memory for it.
 */
export const beforeServicesStop: BeforeServicesStopHandler = ({ services }, { log }) => {
  log.info(`About to stop ${services.join(", ")}`);
};
