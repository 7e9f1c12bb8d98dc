import type { AfterServicesStartHandler } from "wsb-addin";

/**
 * Called once in a restore, when the services in wsb-addin.json run again.
 *
 * What it may assume:
 * - All files are in place, and the services in `request.services` run: the application can replay
 *   logs or rebuild its indexes.
 * - `context.signal` is aborted at the time limit, `timeoutsMs.afterServicesStart` in wsb-addin.json.
 * - An error that it throws fails the last `postRestore`; the services keep running.
 *
 * What it must not assume:
 * - That another handler ran in the same process: after an interrupted restore, none did.
 * - That it is called when the restore stopped no service.
 */
export const afterServicesStart: AfterServicesStartHandler = ({ services }, { log }) => {
  log.info(`Started ${services.join(", ")}`);
};
