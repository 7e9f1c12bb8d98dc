import type { Manifest } from "../../../src/runtime/manifest/manifest.ts";
import {
  planRegistration,
  type Installation,
  type PlanEntry,
} from "../../../src/tools/registration/plan.ts";
import type { RegistrationMachine } from "../../../src/tools/registration/register.ts";
import { FakeRegistrationRecords } from "./fake-registration-records.ts";
import { FakeRegistry } from "./fake-registry.ts";
import { manifestWith } from "../manifest.ts";

export const INSTALLATION: Installation = {
  nodeExe: "C:\\Program Files\\nodejs\\node.exe",
  serverScript: "C:\\Program Files\\Contoso\\dist\\server.js",
};

/** The plan of {@link manifestWith}'s add-in. */
export function planOf(fields: Partial<Manifest> = {}): readonly PlanEntry[] {
  return planRegistration(manifestWith(fields), INSTALLATION);
}

/** A registry and records in memory. */
export interface FakeMachine extends RegistrationMachine {
  readonly api: FakeRegistry;
  readonly records: FakeRegistrationRecords;
}

export function fakeMachine(): FakeMachine {
  return { api: new FakeRegistry(), records: new FakeRegistrationRecords() };
}
