import { HRESULT } from "../../../src/base/hresult.ts";
import type { RemoteAddin, RemoteOperation } from "../../../src/runtime/native/binding.ts";
import type { Agent } from "./agent.ts";
import type { TestAddin } from "./test-lab.ts";
import { until } from "../until.ts";

/** Activates the add-in for a client. */
export async function activate(client: Agent, addin: TestAddin): Promise<RemoteAddin> {
  const { hresult, value } = await client.binding.activate(addin.clsid);
  if (value === undefined) throw new Error(`cannot activate: ${hresult.toString(16)}`);
  return value;
}

/** Starts the consistency check of the component `name`. */
export async function startCheck(
  client: RemoteAddin,
  name: string,
  writerMetadata: string | null = null,
  snapshot: string | null = null,
): Promise<RemoteOperation> {
  const started = await client.checkConsistency({
    writerMetadata,
    componentName: name,
    logicalPath: null,
    sourceVolumePaths: [null],
    snapshotVolumePaths: [snapshot],
  });
  const { hresult, value } = started;
  if (value === undefined || value === null) throw new Error(`no check: ${hresult.toString(16)}`);
  return value;
}

/** Returns the check's current HRESULT. */
export async function statusOf(operation: RemoteOperation): Promise<number | undefined> {
  return (await operation.queryStatus()).value;
}

/** Polls until the check has ended. */
export function untilEnd(operation: RemoteOperation): Promise<number> {
  return until("the end of the check", async () => {
    const status = await statusOf(operation);
    return status === HRESULT.WSBAPP_ASYNC_IN_PROGRESS ? undefined : status;
  });
}
