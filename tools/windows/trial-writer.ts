/** The writer of the Windows Server Backup trial. It logs each event with what VSS says of it. */
import { defineWriter, type HandlerContext } from "wsb-addin";

function record(request: object, { log }: HandlerContext): void {
  log.info(`writer ${JSON.stringify(request)}`);
}

export default defineWriter({
  prepareBackup: record,
  prepareSnapshot: record,
  freeze: record,
  thaw: record,
  postSnapshot: record,
  abort: record,
  backupComplete: record,
  backupShutdown: record,
});
