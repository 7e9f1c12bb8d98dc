import { writerCondition, type WriterInstance } from "../../../base/vss-writers.ts";
import { notApplicable, notVisible, ok, type AddinCheck, type Finding } from "../check.ts";
import { NO_VSS, instancesOf } from "./vss-writers.ts";

function describe({ name, state, stateText, lastError }: WriterInstance): string {
  const shown = state === undefined ? "its state is not shown" : `[${state}] ${stateText}`;
  return [`${name}: ${shown}`, lastError].filter(Boolean).join(", ");
}

/** Decides whether the writer of an application is listed and stable. */
export function judgeWriter(instances: readonly WriterInstance[], writerId: string): Finding {
  if (instances.length === 0) {
    return {
      verdict: "fail",
      found: `No writer ${writerId} is listed.`,
      advice:
        "Start the application's service that has the writer. If it runs, compare writerId in the manifest with the list of: vssadmin list writers",
    };
  }
  const conditions = new Set(instances.map(({ state }) => writerCondition(state)));
  const found = instances.map(describe).join("\n");
  if (conditions.has("failed")) {
    return {
      verdict: "fail",
      found,
      advice: "If no backup runs now, restart the service of the writer, then make a backup.",
    };
  }
  if (conditions.has("waiting")) {
    return {
      verdict: "warn",
      found: `${found}\nIt waits for the end of a backup.`,
      advice:
        "Run doctor again after the backup. If none runs, the last one did not end: restart the service of the writer.",
    };
  }
  if (conditions.has("not shown")) {
    return { verdict: "unknown", found, advice: "Look at the list of: vssadmin list writers" };
  }
  return ok(`${instances.map(({ name }) => name).join(", ")} is listed and stable.`);
}

/** Decides about a writer in a service of the kit. */
export function judgeService(
  instances: readonly WriterInstance[],
  writerId: string,
  command: (command: string) => string,
): Finding {
  if (instances.length > 0) return judgeWriter(instances, writerId);
  return {
    verdict: "fail",
    found: `No writer ${writerId} is listed.`,
    advice: `If it was turned off, run: ${command("writer on")}. Otherwise start its service: ${command("register")}`,
  };
}

/** Decides about an express writer: Windows answers for it, and nobody says whether it is listed. */
export function judgeDeclared(instances: readonly WriterInstance[], writerId: string): Finding {
  if (instances.length > 0) return judgeWriter(instances, writerId);
  return notApplicable(
    `vssadmin does not list ${writerId}. A declared writer has no process; see the check of the registration.`,
  );
}

export const writerStableCheck: AddinCheck = {
  id: "writer-stable",
  title: "Writer of the application listed and stable",
  why: "Without its writer, the application is in no backup, and cannot be restored by itself.",
  about: "application",
  absentInWine: NO_VSS,
  run: async ({ writerId, manifest, command }, machine) => {
    if (!machine.api.isElevated()) return notVisible("The writer");
    const instances = await instancesOf(machine, writerId);
    const kind = manifest?.writer.kind;
    if (kind === "declared") return judgeDeclared(instances, writerId);
    if (kind === "service") return judgeService(instances, writerId, command);
    return judgeWriter(instances, writerId);
  },
};
