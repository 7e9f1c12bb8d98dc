import type { Component } from "../../base/component.ts";
import { showComponent } from "../../base/component.ts";
import { errorText } from "../../base/errors.ts";
import { isFailure } from "../../base/hresult.ts";
import type { RemoteAddin } from "../../runtime/native/binding.ts";
import {
  activateAddin,
  handles,
  leftStopped,
  recordCall,
  recordServices,
  type BackupItem,
  type SimulationOptions,
} from "./parts.ts";
import { restoreFiles } from "./restore-files.ts";
import { Timeline, type SimulationResult } from "./timeline.ts";

export interface RestoreSimulationOptions extends SimulationOptions {
  /** A point-in-time recovery: the add-in is told not to roll forward. */
  readonly noRollForward: boolean;
  /** Folder with the files of the backup; absent: nothing is copied. */
  readonly backupFolder?: string;
  /** `false` plays a restore of an application without an add-in: files are copied, no more. */
  readonly withAddin: boolean;
}

/** Puts components into the order an add-in asked for; `null` leaves them as they are. */
function inOrder(
  components: readonly BackupItem[],
  order: readonly Component[] | null | undefined,
): readonly BackupItem[] {
  if (order === null || order === undefined) return components;
  const left = [...components];
  return order.flatMap((wanted) => {
    const index = left.findIndex((one) => showComponent(one) === showComponent(wanted));
    return index === -1 ? [] : left.splice(index, 1);
  });
}

/**
 * Plays Windows Server Backup's part in a restore, in the documented order: IsRollForwardSupported,
 * OrderComponents, PreRestore of each component, its files, PostRestore of each component.
 *
 * A component whose PreRestore fails is not restored. PostRestore is called for every component
 * that was prepared, also when its files could not be copied; what Windows does there is nowhere
 * documented.
 */
export async function simulateRestore(
  options: RestoreSimulationOptions,
): Promise<SimulationResult> {
  const timeline = new Timeline(options.onEntry);
  const before = await recordServices(timeline, options);
  if (options.withAddin) {
    const addin = await activateAddin(timeline, options);
    if (addin !== undefined) {
      try {
        if (await handles(timeline, addin, "restore")) await playRestore(timeline, options, addin);
        else await copyAll(timeline, options);
      } finally {
        await addin.release();
      }
    }
  } else {
    await copyAll(timeline, options);
  }
  const services = await recordServices(timeline, options);
  const stopped = leftStopped(before, services);
  const failed = timeline.entries.some((entry) => entry.failed) || stopped.length > 0;
  return {
    succeeded: !options.signal.aborted && !failed,
    timeline: timeline.entries,
    services,
    leftStopped: stopped,
  };
}

async function playRestore(
  timeline: Timeline,
  options: RestoreSimulationOptions,
  addin: RemoteAddin,
): Promise<void> {
  const { components, noRollForward, writerMetadata, signal } = options;
  await recordCall(
    timeline,
    "IsRollForwardSupported",
    undefined,
    () => addin.isRollForwardSupported(),
    (supported) => (supported === true ? "yes" : "no"),
  );
  const ordered = await recordCall(
    timeline,
    "OrderComponents",
    undefined,
    () =>
      addin.orderComponents(
        components.map(({ componentName, logicalPath }) => ({ componentName, logicalPath })),
      ),
    (order) => (order === null ? "no particular order" : order?.map(showComponent).join(", ")),
  );
  if (isFailure(ordered.hresult)) return;

  const prepared: BackupItem[] = [];
  for (const component of inOrder(components, ordered.value)) {
    if (signal.aborted) break;
    const { componentName, logicalPath } = component;
    const pre = await recordCall(timeline, "PreRestore", showComponent(component), () =>
      addin.preRestore(writerMetadata, componentName, logicalPath, noRollForward),
    );
    if (!isFailure(pre.hresult)) prepared.push(component);
  }
  await recordServices(timeline, options);
  for (const component of prepared) {
    if (!signal.aborted) await copy(timeline, options, component);
  }
  for (const component of prepared) {
    const { componentName, logicalPath } = component;
    await recordCall(timeline, "PostRestore", showComponent(component), () =>
      addin.postRestore(writerMetadata, componentName, logicalPath, noRollForward),
    );
  }
}

async function copyAll(timeline: Timeline, options: RestoreSimulationOptions): Promise<void> {
  for (const component of options.components) await copy(timeline, options, component);
}

async function copy(
  timeline: Timeline,
  { backupFolder }: RestoreSimulationOptions,
  component: BackupItem,
): Promise<void> {
  if (backupFolder === undefined) return;
  await timeline.record(
    "copy",
    showComponent(component),
    async () => {
      try {
        return await restoreFiles(backupFolder, component.files);
      } catch (error) {
        return errorText(error);
      }
    },
    (result) =>
      typeof result === "number"
        ? { failed: false, detail: `${result} ${result === 1 ? "file" : "files"}` }
        : { failed: true, detail: result },
  );
}
