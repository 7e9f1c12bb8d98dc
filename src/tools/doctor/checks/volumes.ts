import { errorText } from "../../../base/errors.ts";
import type { DriveType } from "../../../runtime/native/binding.ts";
import { readInstallationType } from "./backup-feature.ts";
import { notApplicable, ok, type AddinCheck, type DoctorMachine, type Finding } from "../check.ts";

/** What is known of the backup's schedule. */
type Schedule =
  /** Wine and a desktop Windows have none. */
  | { readonly kind: "not here" }
  | { readonly kind: "not visible"; readonly why: string }
  /** The drives in it; `undefined` without a schedule. */
  | { readonly kind: "visible"; readonly drives: readonly string[] | undefined };

/** Where the files of components are. */
export interface VolumeFacts {
  /** The drives of the files, as `C:`, each with its type. */
  readonly drives: readonly (readonly [drive: string, type: DriveType])[];
  /** Paths that are on no drive: shares. */
  readonly remote: readonly string[];
  readonly schedule: Schedule;
}

const typeTexts: Readonly<Record<DriveType, string>> = {
  fixed: "a local disk",
  missing: "missing",
  unknown: "of an unknown kind",
  removable: "a removable disk",
  network: "a network drive",
  cdrom: "a CD drive",
  ramdisk: "a RAM disk",
  substituted: "a SUBST drive",
};

/** Decides whether a backup contains the volumes of the components. */
export function judgeVolumes({ drives, remote, schedule }: VolumeFacts): Finding {
  const problems = [
    ...drives
      .filter(([, type]) => type !== "fixed")
      .map(([drive, type]) => `${drive} is ${typeTexts[type]}.`),
    ...remote.map((path) => `${path} is on no local disk.`),
  ];
  if (problems.length > 0) {
    return {
      verdict: "fail",
      found: problems.join("\n"),
      advice: "Move these files to a local disk; shadow copies are made of local disks only.",
    };
  }
  const names = drives.map(([drive]) => drive);
  return judgeSchedule(names, schedule);
}

function judgeSchedule(names: readonly string[], schedule: Schedule): Finding {
  const listed = names.join(", ") || "no drive";
  if (schedule.kind === "not here") {
    return ok(`The files are on ${listed}. Only a server has a schedule to compare.`);
  }
  if (schedule.kind === "not visible") {
    return {
      verdict: "unknown",
      found: `The files are on ${listed}. The schedule cannot be asked: ${schedule.why}`,
      advice: "Look at the schedule in the console of Windows Server Backup.",
    };
  }
  const { drives } = schedule;
  if (drives === undefined) {
    return {
      verdict: "warn",
      found: `The files are on ${listed}. wbadmin shows no scheduled backup.`,
      advice: "Schedule a backup that contains these volumes, unless another program starts it.",
    };
  }
  const absent = names.filter((drive) => !drives.includes(drive));
  if (absent.length === 0) return ok(`The schedule of the backup names ${listed}.`);
  return {
    verdict: "fail",
    found: `The schedule of the backup does not name ${absent.join(", ")}.`,
    advice: "Add these volumes to the scheduled backup.",
  };
}

async function askSchedule({ api, programs }: DoctorMachine): Promise<Schedule> {
  if (api.isWine() || readInstallationType(api) === "Client") return { kind: "not here" };
  try {
    return { kind: "visible", drives: await programs.scheduledVolumes() };
  } catch (error) {
    return { kind: "not visible", why: errorText(error) };
  }
}

function driveOf(path: string): string | undefined {
  const drive = /^(?:\\\\[?.]\\)?([A-Za-z]):/u.exec(path)?.[1];
  return drive === undefined ? undefined : `${drive.toUpperCase()}:`;
}

export const volumesCheck: AddinCheck = {
  id: "volumes",
  title: "Files of the components on volumes of the backup",
  why: "A component with files on another volume is in no backup, though the writer names it.",
  about: "application",
  run: async ({ componentPaths }, machine) => {
    if (componentPaths === undefined) {
      return notApplicable("Give the writer's metadata document with --metadata to check this.");
    }
    const found = componentPaths.map((path) => ({ path, drive: driveOf(path) }));
    const names = new Set(found.map(({ drive }) => drive).filter((one) => one !== undefined));
    return judgeVolumes({
      drives: [...names].map((drive) => [drive, machine.api.driveType(`${drive}\\`)] as const),
      remote: found.filter(({ drive }) => drive === undefined).map(({ path }) => path),
      schedule: await askSchedule(machine),
    });
  },
};
