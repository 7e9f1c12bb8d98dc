// Sends the status of a run to Windows Server Backup: node dist-cloud/update-status.js provider.json last-run.json
import { readFileSync } from "node:fs";
import { loadCloudApi, updateCloudStatus } from "wsb-addin/cloud";
import { statusOf } from "./status.ts";

const [providerFile = "provider.json", runFile = "last-run.json"] = process.argv.slice(2);
const provider: { snapinId: string } = JSON.parse(readFileSync(providerFile, "utf8"));
const run: { endedAt: string; succeeded: boolean; storedBytes: number } = JSON.parse(
  readFileSync(runFile, "utf8"),
);
const { succeeded, storedBytes } = run;
const status = statusOf(provider.snapinId, {
  endedAt: new Date(run.endedAt),
  succeeded,
  storedBytes,
});
await updateCloudStatus(loadCloudApi(), status);
