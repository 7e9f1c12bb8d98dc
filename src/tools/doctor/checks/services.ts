import { notApplicable, ok, type AddinCheck, type Finding } from "../check.ts";
import { serviceProblem } from "./service-problem.ts";
import type { KnownService } from "./vss-services.ts";

/** Decides whether the services of the manifest can be stopped and started again. */
export function judgeServices(services: readonly KnownService[]): Finding {
  if (services.length === 0) return ok("The add-in stops no services.");
  const problems = services.flatMap(([name, description]) => {
    const problem = serviceProblem(description);
    return problem === undefined ? [] : [`${name} ${problem}.`];
  });
  if (problems.length > 0) {
    return {
      verdict: "fail",
      found: problems.join("\n"),
      advice: 'Correct "services" in the manifest, or repair the service, then register again.',
    };
  }
  const states = services.map(([name, description]) => `${name} ${description?.state ?? ""}`);
  return ok(`All can start (${states.join(", ")}).`);
}

export const servicesCheck: AddinCheck = {
  id: "services",
  title: "Services of the application can start",
  why: "A restore refuses to stop a service that it could not start again.",
  about: "application",
  needsAddin: true,
  run: async ({ manifest }, { api }) => {
    if (manifest === undefined) return notApplicable("Its manifest cannot be read.");
    const known = manifest.services.map(
      async (name) => [name, await api.describeService(name)] as const,
    );
    return judgeServices(await Promise.all(known));
  },
};
