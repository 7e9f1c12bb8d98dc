import type { WriterInstance } from "../../../base/vss-writers.ts";
import { notApplicable, notVisible, ok, type AddinCheck, type Finding } from "../check.ts";
import { NO_VSS, instancesOf } from "./vss-writers.ts";

/** Decides whether one writer only answers for an id. */
export function judgeInstances(instances: readonly WriterInstance[]): Finding {
  if (instances.length === 0) return notApplicable("The writer is not listed.");
  if (instances.length === 1) return ok("One instance answers for the writer's id.");
  const names = instances.map(({ name, instanceId }) => `${name} ${instanceId}`);
  return {
    verdict: "fail",
    found: [`${instances.length} writers answer for this id:`, ...names].join("\n"),
    advice:
      "End the instances that should not run. If the product runs several on purpose, it cannot be registered by this id.",
  };
}

export const writerInstancesCheck: AddinCheck = {
  id: "writer-instances",
  title: "One writer for the id",
  why: "The registration names the writer by its id. If several answer, nobody knows whose components are restored.",
  about: "application",
  absentInWine: NO_VSS,
  run: async ({ writerId }, machine) =>
    machine.api.isElevated()
      ? judgeInstances(await instancesOf(machine, writerId))
      : notVisible("The instances of the writer"),
};
