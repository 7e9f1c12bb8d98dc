import { setTimeout as delay } from "node:timers/promises";

import { showComponent } from "../../base/component.ts";
import { isFailure, isInProgress, nameHresult } from "../../base/hresult.ts";
import type { CallResult, RemoteAddin, RemoteOperation } from "../../runtime/native/binding.ts";
import {
  activateAddin,
  handles,
  recordCall,
  recordServices,
  type BackupItem,
  type SimulationOptions,
} from "./parts.ts";
import { Timeline, type SimulationResult } from "./timeline.ts";

/** A volume of the backup and its shadow copy. */
export interface SimulatedVolume {
  readonly source: string;
  readonly snapshot: string;
}

export interface BackupSimulationOptions extends SimulationOptions {
  readonly volumes: readonly SimulatedVolume[];
  /** Gives a check up after this time; absent: waits until it is done. */
  readonly abortAfterMs?: number;
  /** Time between two QueryStatus calls. */
  readonly pollMs: number;
}

/**
 * Plays Windows Server Backup's part in a backup: CheckConsistency of each component, then
 * QueryStatus until the check is done, or Abort.
 */
export async function simulateBackup(options: BackupSimulationOptions): Promise<SimulationResult> {
  const timeline = new Timeline(options.onEntry);
  const addin = await activateAddin(timeline, options);
  if (addin !== undefined) {
    try {
      if (await handles(timeline, addin, "backup")) {
        for (const component of options.components) {
          if (!options.signal.aborted) await check(timeline, options, addin, component);
        }
      }
    } finally {
      await addin.release();
    }
  }
  const services = await recordServices(timeline, options);
  const succeeded = !options.signal.aborted && !timeline.entries.some(({ failed }) => failed);
  return { succeeded, timeline: timeline.entries, services, leftStopped: [] };
}

async function check(
  timeline: Timeline,
  options: BackupSimulationOptions,
  addin: RemoteAddin,
  component: BackupItem,
): Promise<void> {
  const { componentName, logicalPath } = component;
  const { volumes, writerMetadata } = options;
  const started = await recordCall(
    timeline,
    "CheckConsistency",
    showComponent(component),
    () =>
      addin.checkConsistency(
        writerMetadata,
        componentName,
        logicalPath,
        volumes.map(({ source }) => source),
        volumes.map(({ snapshot }) => snapshot),
      ),
    (operation) => (operation === null ? "no check needed" : "check started"),
  );
  const operation = started.value;
  if (operation === undefined || operation === null) return;
  try {
    await follow(timeline, options, operation, showComponent(component));
  } finally {
    await operation.release();
  }
}

async function follow(
  timeline: Timeline,
  { abortAfterMs, pollMs, signal }: BackupSimulationOptions,
  operation: RemoteOperation,
  component: string,
): Promise<void> {
  const started = performance.now();
  let polls = 0;
  let aborted = false;
  const outcome = await timeline.record(
    "QueryStatus",
    component,
    async (): Promise<CallResult<number>> => {
      for (;;) {
        const status = await operation.queryStatus();
        polls += 1;
        if (status.value === undefined || !isInProgress(status.value)) return status;
        const late = abortAfterMs !== undefined && performance.now() - started >= abortAfterMs;
        if (late || signal.aborted) {
          aborted = true;
          return status;
        }
        await delay(pollMs);
      }
    },
    ({ hresult, value }) => ({
      hresult: value ?? hresult,
      failed: isFailure(value ?? hresult),
      detail: `${polls} ${polls === 1 ? "call" : "calls"}`,
    }),
  );
  if (aborted && !isFailure(outcome.hresult)) {
    await recordCall(timeline, "Abort", component, () => operation.abort());
    await recordCall(
      timeline,
      "QueryStatus",
      component,
      () => operation.queryStatus(),
      (status) =>
        status === undefined ? undefined : `the check ended with ${nameHresult(status)}`,
    );
  }
}
