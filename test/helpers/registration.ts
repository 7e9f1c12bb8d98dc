import type { Manifest } from "../../src/manifest/manifest.ts";
import { planRegistration, type PlanEntry } from "../../src/registration/plan.ts";
import { manifestWith } from "./manifest.ts";

export const INSTALLATION = {
  nodeExe: "C:\\Program Files\\nodejs\\node.exe",
  serverScript: "C:\\Program Files\\Contoso\\dist\\server.js",
} as const;

/** The plan of {@link manifestWith}'s add-in. */
export function planOf(fields: Partial<Manifest> = {}): readonly PlanEntry[] {
  return planRegistration(manifestWith(fields), INSTALLATION);
}
