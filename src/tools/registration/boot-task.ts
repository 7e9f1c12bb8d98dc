import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { isMissingFile, protectedFileError } from "../../base/file-error.ts";
import { RECOVER_ARGUMENT } from "../../runtime/addin/modes.ts";
import type { Manifest } from "../../runtime/manifest/manifest.ts";
import {
  makeProtectedFolder,
  type ProtectionApi,
  type ReportForeign,
} from "../../runtime/native/protected-folder.ts";
import { kitFolder } from "../../base/program-data.ts";
import { escapeXml } from "../../base/xml.ts";
import { serverCommand, type Installation } from "./plan.ts";
import { schtasks, system32 } from "./schtasks.ts";

// The machine has started its own services by then.
const DELAY = "PT1M";

/** Returns the name of an add-in's start-up task, in the task scheduler's root folder. */
export function bootTaskName(clsid: string): string {
  return `wsb-addin recover ${clsid}`;
}

/** Returns whether an add-in has services to recover at start-up. */
export function needsBootTask(manifest: Manifest): boolean {
  return manifest.addin !== undefined && manifest.services.length > 0;
}

/**
 * Returns the definition of the start-up task. At start-up, it runs the installed server as SYSTEM to
 * recover a restore session that a power failure interrupted.
 *
 * @see https://learn.microsoft.com/windows/win32/taskschd/task-scheduler-schema
 */
export function bootTaskXml(manifest: Manifest, installation: Installation): string {
  const [, ...script] = serverCommand(installation).split(/(?<=") (?=")/u);
  const { addin } = manifest;
  const args = [...script, RECOVER_ARGUMENT, ...(addin === undefined ? [] : [addin.clsid])];
  return `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>${escapeXml(`Recovers the restore session of ${manifest.name} after Windows stopped during a restore. Registered by wsb-addin.`)}</Description>
  </RegistrationInfo>
  <Triggers>
    <BootTrigger>
      <Enabled>true</Enabled>
      <Delay>${DELAY}</Delay>
    </BootTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>S-1-5-18</UserId>
      <RunLevel>HighestAvailable</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Enabled>true</Enabled>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>${escapeXml(installation.nodeExe)}</Command>
      <Arguments>${escapeXml(args.join(" "))}</Arguments>
    </Exec>
  </Actions>
</Task>
`;
}

/** Returns the file in which the task scheduler keeps a task. */
function taskFile(clsid: string): string {
  return system32(join("Tasks", bootTaskName(clsid)));
}

/** Returns whether the start-up task of an add-in exists. */
export function hasBootTask(clsid: string): boolean {
  return existsSync(taskFile(clsid));
}

/** Writes the input file for schtasks.exe, in a folder that only administrators can open. */
function writeTaskFile(file: string, xml: string): void {
  try {
    // Never into a file that is there, whoever made it.
    writeFileSync(file, `\uFEFF${xml}`, { encoding: "utf16le", flag: "wx" });
  } catch (error) {
    const what = `Cannot write ${file}`;
    const nextStep = "Check that its folder belongs to SYSTEM or Administrators.";
    throw protectedFileError(what, nextStep, error);
  }
}

export interface BootTaskOptions {
  readonly clsid: string;
  /** The task's definition: {@link bootTaskXml}. */
  readonly xml: string;
  /** Is told what stood in the way below ProgramData and was set aside. */
  readonly report: ReportForeign;
}

/**
 * Creates or replaces the start-up task.
 *
 * @throws {@link WsbError} `ERR_WSB_WINDOWS_API` if the task scheduler refuses, `ERR_WSB_FILE` or
 * `ERR_WSB_ACCESS_DENIED` if its input file cannot be written.
 */
export async function createBootTask(
  api: ProtectionApi,
  { clsid, xml, report }: BootTaskOptions,
): Promise<void> {
  const name = bootTaskName(clsid);
  makeProtectedFolder(api, kitFolder(), report);
  const file = join(kitFolder(), `task-${randomUUID()}.xml`);
  try {
    writeTaskFile(file, xml);
    await schtasks(`create the start-up task ${name}`, [
      "/create",
      "/tn",
      name,
      "/xml",
      file,
      "/f",
    ]);
  } finally {
    rmSync(file, { force: true });
  }
}

/** The start-up tasks of this machine. */
export interface BootTasks {
  /** Returns a task as the task scheduler keeps it; `null` if there is none. */
  read(clsid: string): string | null;
  /** @throws {@link WsbError} like {@link createBootTask}. */
  create(clsid: string, xml: string): Promise<void>;
  /** Removing one that does not exist succeeds. */
  remove(clsid: string): Promise<void>;
}

/** Returns the start-up tasks of this machine. */
export function bootTasksOn(api: ProtectionApi, report: ReportForeign): BootTasks {
  return {
    read: readBootTask,
    create: (clsid, xml) => createBootTask(api, { clsid, xml, report }),
    remove: async (clsid) => {
      await removeBootTask(clsid);
    },
  };
}

/** Returns a start-up task as the task scheduler keeps it; `null` if there is none. */
export function readBootTask(clsid: string): string | null {
  try {
    const bytes = readFileSync(taskFile(clsid));
    const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
    return bytes.toString(isUtf16 ? "utf16le" : "utf8").replace(/^\uFEFF/u, "");
  } catch (error) {
    if (isMissingFile(error)) return null;
    const what = `Cannot read the start-up task ${bootTaskName(clsid)}`;
    throw protectedFileError(what, "Run the command from an elevated prompt.", error);
  }
}

/** Removes the start-up task; returns `false` if there is none. */
export async function removeBootTask(clsid: string): Promise<boolean> {
  if (!hasBootTask(clsid)) return false;
  await schtasks(`remove the start-up task ${bootTaskName(clsid)}`, [
    "/delete",
    "/tn",
    bootTaskName(clsid),
    "/f",
  ]);
  return true;
}
