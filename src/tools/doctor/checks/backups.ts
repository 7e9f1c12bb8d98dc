import { backupProblems, readFreezes, readSwitch, type BackupState } from "../../writer/backups.ts";
import {
  notApplicable,
  notVisible,
  ok,
  type AddinCheck,
  type DoctorAddin,
  type Finding,
} from "../check.ts";

/** Decides whether the next backup will include what the writer of a service protects. */
export function judgeBackups(
  state: BackupState,
  { command }: Pick<DoctorAddin, "command">,
): Finding {
  const problems = backupProblems(state, command);
  if (problems.length === 0) return ok("The writer is on, and its last freeze did not fail.");
  return {
    // A freeze may still end well.
    verdict: state.writerOff === undefined && state.failedFreezes === undefined ? "warn" : "fail",
    found: problems.map(({ found }) => found).join("\n"),
    advice: [...new Set(problems.map(({ advice }) => advice))].join("\n"),
  };
}

export const backupsCheck: AddinCheck = {
  id: "backups",
  title: "Backups include the application",
  why: "A writer that is off is in no backup, and a freeze that fails fails the backup.",
  about: "application",
  run: ({ manifest, writerId, command }, { api }) => {
    if (manifest?.writer.kind !== "service") {
      return notApplicable("No service of wsb-addin has this writer.");
    }
    if (!api.isElevated()) return notVisible("How the last freezes ended");
    const state = { ...readSwitch(api, writerId), ...readFreezes(api, writerId) };
    return judgeBackups(state, { command });
  },
};
