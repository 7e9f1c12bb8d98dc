import { setTimeout as delay } from "node:timers/promises";

import { showComponent } from "../../base/component.ts";
import { isFailure, isInProgress, nameHresult } from "../../base/hresult.ts";
import type { CallResult, RemoteAddin, RemoteOperation } from "../../runtime/native/binding.ts";
import {
  activateAddin,
  handles,
  lookAtServices,
  type BackupItem,
  type SimulatedVolume,
  type SimulationOptions,
} from "./parts.ts";
import { askWriter, type AskedWriter } from "./ask-writer.ts";
import { driveDiskshadow } from "./drive-diskshadow.ts";
import type { DiskshadowOptions } from "../diskshadow/make-shadow-copy.ts";
import { copyFromShadow, noteFinished, takeShadowCopy, type ShadowCopy } from "./shadow-copy.ts";
import { Steps, nothingFor, type SimulationResult } from "./steps.ts";

export interface BackupSimulationOptions extends SimulationOptions {
  readonly volumes: readonly SimulatedVolume[];
  /** The application's writer; without it, nobody is asked. */
  readonly writer?: AskedWriter;
  /** Where the files of the backup go; without it, none are copied. */
  readonly shadowCopy?: ShadowCopy;
  /** Windows' own program, which asks the writers and makes shadow copies. */
  readonly diskshadow?: DiskshadowOptions;
  /**
   * The time after which a check is aborted; without it, the simulation waits until the check ends.
   */
  readonly abortAfterMs?: number;
  /** The time between two QueryStatus calls. */
  readonly pollMs: number;
}

/**
 * Simulates a backup: the application's writer is asked, the files are copied while it is frozen, and
 * then the add-in checks them as Windows Server Backup lets it: CheckConsistency of each component,
 * QueryStatus until the check ends, or Abort.
 */
export async function simulateBackup(options: BackupSimulationOptions): Promise<SimulationResult> {
  const { writer, shadowCopy, diskshadow } = options;
  const steps = new Steps(options.emit, options.findFailure ?? (() => undefined));
  const between = {
    copy: async () => shadowCopy === undefined || takeShadowCopy(steps, shadowCopy),
    check: () => checkAll(steps, options),
  };
  if (diskshadow !== undefined) {
    await driveDiskshadow(steps, diskshadow, {
      copy: async (devices) =>
        shadowCopy === undefined || copyFromShadow(steps, shadowCopy, devices),
      check: (volumes) => checkAll(steps, { ...options, volumes }),
    });
  } else if (writer !== undefined) await askWriter(steps, writer, between);
  else if (await between.copy()) await between.check();
  const services = await lookAtServices(steps, options);
  const succeeded = !options.signal.aborted && !steps.taken.some(({ failed }) => failed);
  if (succeeded && shadowCopy !== undefined) noteFinished(shadowCopy);
  return { succeeded, timeline: steps.taken, services, leftStopped: [] };
}

/** Lets the add-in check each component; an application without one has nothing to check. */
async function checkAll(steps: Steps, options: BackupSimulationOptions): Promise<void> {
  const { writer, shadowCopy, diskshadow } = options;
  const isOptional = (writer ?? shadowCopy ?? diskshadow) !== undefined;
  if (isOptional && options.manifest.addin === undefined) return;
  const addin = await activateAddin(steps, options);
  if (addin === undefined) return;
  try {
    if (!(await handles(steps, addin, "backup"))) return;
    for (const component of options.components) {
      if (!options.signal.aborted) await check(steps, options, addin, component);
    }
  } finally {
    await addin.release();
  }
}

async function check(
  steps: Steps,
  options: BackupSimulationOptions,
  addin: RemoteAddin,
  component: BackupItem,
): Promise<void> {
  const { componentName, logicalPath } = component;
  const { volumes, writerMetadata } = options;
  const started = await steps.call({
    step: "CheckConsistency",
    component: showComponent(component),
    call: () =>
      addin.checkConsistency({
        writerMetadata,
        componentName,
        logicalPath,
        sourceVolumePaths: volumes.map(({ source }) => source),
        snapshotVolumePaths: volumes.map(({ snapshot }) => snapshot),
      }),
    describe: (operation, hresult) =>
      operation === null ? nothingFor(hresult, "check") : "check started",
  });
  let hasFailed = isFailure(started.hresult);
  const operation = started.value;
  if (operation !== undefined && operation !== null) {
    try {
      hasFailed = await follow(steps, options, operation, showComponent(component));
    } finally {
      await operation.release();
    }
  }
  if (hasFailed) await record(steps, options, showComponent(component));
}

/**
 * Tells what Windows Server Backup makes of a failed check: an event of the source
 * Microsoft-Windows-Backup in the log Application. The backup itself succeeds.
 */
async function record(
  steps: Steps,
  { manifest }: BackupSimulationOptions,
  component: string,
): Promise<void> {
  const application = JSON.stringify(manifest.applicationIdentifier);
  await steps.take({
    step: "record",
    component,
    run: async () => {},
    describe: () => ({
      failed: false,
      detail: `Windows records event 565 of Microsoft-Windows-Backup: the check failed, and ${application} is not available in this backup`,
    }),
  });
}

/** Waits until a check ends, and returns whether it failed. */
async function follow(
  steps: Steps,
  { abortAfterMs, pollMs, signal }: BackupSimulationOptions,
  operation: RemoteOperation,
  component: string,
): Promise<boolean> {
  const started = performance.now();
  let polls = 0;
  let aborted = false;
  const outcome = await steps.take({
    step: "QueryStatus",
    component,
    async run(): Promise<CallResult<number>> {
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
    describe({ hresult, value }) {
      const failed = isFailure(value ?? hresult);
      const { failure } = failed
        ? steps.failureOf({ method: "CheckConsistency", component })
        : { failure: undefined };
      // A status has no text of its own, unlike a failed call.
      const reason = failure === undefined ? [] : [failure.text];
      return {
        hresult: value ?? hresult,
        failed,
        detail: [...reason, `${polls} ${polls === 1 ? "call" : "calls"}`].join("; "),
        ...(failure === undefined ? {} : { failure }),
      };
    },
  });
  const status = outcome.value ?? outcome.hresult;
  if (aborted && !isFailure(status)) {
    await steps.call({ step: "Abort", component, call: () => operation.abort() });
    await steps.call({
      step: "QueryStatus",
      component,
      call: () => operation.queryStatus(),
      describe: (end) =>
        end === undefined ? undefined : `the check ended with ${nameHresult(end)}`,
    });
  }
  return isFailure(status);
}
