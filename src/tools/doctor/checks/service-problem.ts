import type { ServiceDescription } from "../../../runtime/native/binding.ts";

/** Why a service cannot be started, as the end of a sentence that begins with its name. */
export function serviceProblem(
  description: Pick<ServiceDescription, "startType" | "programExists" | "program"> | null,
): string | undefined {
  if (description === null) return "does not exist";
  const { startType, programExists, program } = description;
  if (startType === "disabled") return "is disabled";
  return programExists ? undefined : `has no program: ${program} is missing`;
}
