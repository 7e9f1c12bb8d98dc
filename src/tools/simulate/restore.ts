import type { Component } from "../../base/component.ts";
import { showComponent } from "../../base/component.ts";
import { errorText } from "../../base/errors.ts";
import { isFailure } from "../../base/hresult.ts";
import type { WriterMetadata } from "../../runtime/metadata/writer-metadata.ts";
import type { CallResult, RemoteAddin, RestoreArguments } from "../../runtime/native/binding.ts";
import {
  activateAddin,
  handles,
  leftStopped,
  lookAtServices,
  notStopped,
  type BackupItem,
  type SimulationOptions,
} from "./parts.ts";
import { restoreFiles, type RestoredFiles, type RestoreRules } from "./restore-files.ts";
import { Steps, nothingFor, type SimulationResult } from "./steps.ts";

export interface RestoreSimulationOptions extends SimulationOptions {
  /** `true` for a point-in-time recovery: the add-in must not roll forward. */
  readonly noRollForward: boolean;
  /** The folder with the files of the backup; without it, no files are copied. */
  readonly backupFolder?: string;
  /** What the writer's document says of a restore. */
  readonly document?: Pick<WriterMetadata, "excludedFiles" | "restoreMethod">;
  /** `false` simulates an application without an add-in: files are copied, nothing is called. */
  readonly withAddin: boolean;
}

/** Sorts components in the add-in's order; `null` keeps their order. */
function inOrder(
  components: readonly BackupItem[],
  order: readonly Component[] | null | undefined,
): readonly BackupItem[] {
  if (order === null || order === undefined) return components;
  const remaining = [...components];
  return order.flatMap((wanted) => {
    const index = remaining.findIndex((one) => showComponent(one) === showComponent(wanted));
    return index === -1 ? [] : remaining.splice(index, 1);
  });
}

/**
 * Simulates Windows Server Backup in a restore, in the documented order: IsRollForwardSupported,
 * OrderComponents, PreRestore of each component, its files, PostRestore of each component.
 *
 * A component whose PreRestore fails is not restored. PostRestore is called for every prepared
 * component, even if its files could not be copied; the behaviour of Windows there is not
 * documented.
 */
export async function simulateRestore(
  options: RestoreSimulationOptions,
): Promise<SimulationResult> {
  const steps = new Steps(options.emit, options.findFailure ?? (() => undefined));
  const before = await lookAtServices(steps, options);
  if (options.withAddin) {
    const addin = await activateAddin(steps, options);
    if (addin !== undefined) {
      try {
        if (await handles(steps, addin, "restore")) await playRestore(steps, options, addin);
        else await copyAll(steps, options);
      } finally {
        await addin.release();
      }
    }
  } else {
    await copyAll(steps, options);
  }
  const services = await lookAtServices(steps, options);
  const stopped = leftStopped(before, services);
  const failed = steps.taken.some((entry) => entry.failed) || stopped.length > 0;
  return {
    succeeded: !options.signal.aborted && !failed,
    timeline: steps.taken,
    services,
    leftStopped: stopped,
  };
}

async function playRestore(
  steps: Steps,
  options: RestoreSimulationOptions,
  addin: RemoteAddin,
): Promise<void> {
  const { components, signal, noRollForward } = options;
  const rollForward = await steps.call({
    step: "IsRollForwardSupported",
    call: () => addin.isRollForwardSupported(),
    describe: (supported) => (supported === true ? "yes" : "no"),
  });
  const ordered = await steps.call({
    step: "OrderComponents",
    call: () =>
      addin.orderComponents(
        components.map(({ componentName, logicalPath }) => ({ componentName, logicalPath })),
      ),
    describe: (order, hresult) =>
      order === null ? nothingFor(hresult, "order") : order?.map(showComponent).join(", "),
  });
  if (isFailure(ordered.hresult)) return;

  const prepared: BackupItem[] = [];
  for (const component of inOrder(components, ordered.value)) {
    if (signal.aborted) break;
    const pre = await callRestore(steps, options, {
      step: "PreRestore",
      component,
      call: (request) => addin.preRestore(request),
    });
    if (!isFailure(pre.hresult)) prepared.push(component);
  }
  await lookAtServices(steps, options, prepared.length > 0 ? notStopped : undefined);
  const logs = { keepsLogs: rollForward.value === true && !noRollForward };
  for (const component of prepared) {
    if (!signal.aborted) await copy(steps, options, { component, ...logs });
  }
  for (const component of prepared) {
    await callRestore(steps, options, {
      step: "PostRestore",
      component,
      call: (request) => addin.postRestore(request),
    });
  }
}

interface RestoreStep {
  readonly step: "PreRestore" | "PostRestore";
  readonly component: BackupItem;
  readonly call: (request: RestoreArguments) => Promise<CallResult>;
}

function callRestore(
  steps: Steps,
  { writerMetadata, noRollForward }: RestoreSimulationOptions,
  { step, component, call }: RestoreStep,
): Promise<CallResult> {
  const { componentName, logicalPath } = component;
  return steps.call({
    step,
    component: showComponent(component),
    call: () => call({ writerMetadata, componentName, logicalPath, noRollForward }),
  });
}

/** Without an add-in, nobody rolls forward. */
async function copyAll(steps: Steps, options: RestoreSimulationOptions): Promise<void> {
  for (const component of options.components) {
    await copy(steps, options, { component, keepsLogs: false });
  }
}

interface CopyStep extends Pick<RestoreRules, "keepsLogs"> {
  readonly component: BackupItem;
}

async function copy(
  steps: Steps,
  { backupFolder, document }: RestoreSimulationOptions,
  { component, keepsLogs }: CopyStep,
): Promise<void> {
  if (backupFolder === undefined) return;
  const method = document?.restoreMethod ?? null;
  const rules = { backupFolder, excluded: document?.excludedFiles ?? [], method, keepsLogs };
  await steps.take({
    step: "copy",
    component: showComponent(component),
    async run() {
      try {
        return await restoreFiles(rules, component);
      } catch (error) {
        return errorText(error);
      }
    },
    describe: (result) =>
      typeof result === "string"
        ? { failed: true, detail: result }
        : { failed: false, detail: showRestored(result, rules) },
  });
}

// What Windows does otherwise, for methods that a simulation cannot play.
const methodNotes: Readonly<Record<string, string>> = {
  REPLACE_AT_REBOOT: "Windows replaces them at its next start",
  REPLACE_AT_REBOOT_IF_CANNOT_REPLACE: "Windows replaces those in use at its next start",
  CUSTOM: "the document wants a procedure of the writer's own instead",
};

function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? "" : "s"}`;
}

function showRestored(done: RestoredFiles, { method, keepsLogs }: RestoreRules): string {
  const why = keepsLogs ? "for the roll forward" : "by the restore method";
  return [
    count(done.copied, "file"),
    ...(done.folders === 0 ? [] : [count(done.folders, "empty folder")]),
    ...(done.kept === 0 ? [] : [`${count(done.kept, "file")} left as they are, ${why}`]),
    ...(done.excluded === 0 ? [] : [`${count(done.excluded, "file")} excluded by the document`]),
    ...(done.newer === 0 ? [] : [`${count(done.newer, "file")} newer than the backup overwritten`]),
    ...[methodNotes[method?.method ?? ""] ?? []].flat(),
  ].join("; ");
}
