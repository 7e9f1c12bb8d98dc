import { errorText } from "../../../base/errors.ts";
import { writerCondition, type WriterInstance } from "../../../base/vss-writers.ts";
import { notVisible, ok, type DoctorMachine, type Finding, type MachineCheck } from "../check.ts";

/** Decides whether Windows lists writers at all; `failure` is what vssadmin said instead. */
export function judgeWriters(
  writers: readonly WriterInstance[],
  failure: string | undefined,
): Finding {
  const advice =
    "Restart the services COM+ Event System and Volume Shadow Copy. If there are still no writers, read the errors of the source VSS in the event log Application.";
  if (failure !== undefined) return { verdict: "fail", found: failure, advice };
  if (writers.length === 0) {
    return { verdict: "fail", found: "vssadmin lists no writers at all.", advice };
  }
  const failed = writers.filter(({ state }) => writerCondition(state) === "failed");
  const waiting = writers.filter(({ state }) => writerCondition(state) === "waiting");
  if (failed.length === 0) {
    // A writer that waits for long is the business of the checks of its application.
    return ok(
      waiting.length === 0
        ? `vssadmin lists ${writers.length} writers, all stable.`
        : `vssadmin lists ${writers.length} writers, none failed; ${waiting.length} wait for the end of a backup.`,
    );
  }
  return {
    verdict: "warn",
    found: failed
      .map(({ name, stateText, lastError }) =>
        [`${name}: ${stateText}`, lastError].filter(Boolean).join(", "),
      )
      .join("\n"),
    advice: "If no backup runs now, restart the service of each of these writers.",
  };
}

/** Returns the instances of a writer, for the checks of one. */
export async function instancesOf(
  { programs }: Pick<DoctorMachine, "programs">,
  writerId: string,
): Promise<readonly WriterInstance[]> {
  return (await programs.writers()).filter(({ id }) => id === writerId);
}

export const NO_VSS = "Wine has no vssadmin.";

export const vssWritersCheck: MachineCheck = {
  id: "vss-writers",
  title: "Writers listed and stable",
  why: "A writer that failed fails the backups of the whole server, by any product.",
  about: "machine",
  absentInWine: NO_VSS,
  run: async ({ api, programs }) => {
    if (!api.isElevated()) return notVisible("The list of writers");
    try {
      return judgeWriters(await programs.writers(), undefined);
    } catch (error) {
      return judgeWriters([], errorText(error));
    }
  },
};
