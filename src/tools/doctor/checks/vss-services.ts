import type { ServiceDescription } from "../../../runtime/native/binding.ts";
import { ok, type Finding, type MachineCheck } from "../check.ts";
import { serviceProblem } from "./service-problem.ts";

/** The services of volume shadow copies, with the start types that Windows gives them. */
const START_TYPES: ReadonlyMap<string, "auto" | "demand"> = new Map([
  ["EventSystem", "auto"],
  ["VSS", "demand"],
  ["swprv", "demand"],
]);

/** What the service control manager knows of a service; `null` if it does not exist. */
export type KnownService = readonly [name: string, description: ServiceDescription | null];

/** Decides whether Windows can start the services that make shadow copies. */
export function judgeVssServices(services: readonly KnownService[]): Finding {
  const problems = services.flatMap(([name, description]) => {
    const problem = serviceProblem(description);
    return problem === undefined ? [] : [{ name, problem, isDisabled: problem === "is disabled" }];
  });
  if (problems.length === 0) return ok("EventSystem, VSS and swprv can start.");
  const disabled = problems.filter(({ isDisabled }) => isDisabled);
  return {
    verdict: "fail",
    found: problems.map(({ name, problem }) => `${name} ${problem}.`).join("\n"),
    advice:
      disabled.length === problems.length
        ? [
            "From an elevated prompt, run:",
            ...disabled.map(
              ({ name }) => `sc.exe config ${name} start= ${START_TYPES.get(name) ?? "demand"}`,
            ),
          ].join("\n")
        : "Repair Windows: sfc.exe /scannow",
  };
}

export const vssServicesCheck: MachineCheck = {
  id: "vss-services",
  title: "Services of shadow copies can start",
  why: "Without them, no backup of any product can be made, and no writer is listed.",
  about: "machine",
  absentInWine: "Wine has no volume shadow copies.",
  run: async ({ api }) => {
    const known = [...START_TYPES.keys()].map(
      async (name) => [name, await api.describeService(name)] as const,
    );
    return judgeVssServices(await Promise.all(known));
  },
};
