import type { Manifest } from "../../../src/runtime/manifest/manifest.ts";
import {
  planRegistration,
  type Installation,
  type PlanEntry,
} from "../../../src/tools/registration/plan.ts";
import type { RegistrationMachine } from "../../../src/tools/registration/register.ts";
import type { BootTasks } from "../../../src/tools/registration/boot-task.ts";
import { FakeExpressWriters } from "./fake-express-writers.ts";
import { FakeRegistrationRecords } from "./fake-registration-records.ts";
import { FakeRegistry } from "./fake-registry.ts";
import { FakeWriterServices } from "./fake-writer-services.ts";
import { manifestWith } from "../manifest.ts";

export const INSTALLATION: Installation = {
  nodeExe: "C:\\Program Files\\nodejs\\node.exe",
  serverScript: "C:\\Program Files\\Contoso\\dist\\server.js",
};

/** The plan of {@link manifestWith}'s add-in. */
export function planOf(fields: Partial<Manifest> = {}): readonly PlanEntry[] {
  return planRegistration(manifestWith(fields), INSTALLATION);
}

/** Start-up tasks in memory. */
export class FakeTasks implements BootTasks {
  readonly xml: Map<string, string> = new Map();
  /** Called before each change; its error fails the change. */
  fault: (change: "create" | "remove") => void = () => {};

  read(clsid: string): string | null {
    return this.xml.get(clsid) ?? null;
  }

  async create(clsid: string, xml: string): Promise<void> {
    this.fault("create");
    this.xml.set(clsid, xml);
  }

  async remove(clsid: string): Promise<void> {
    if (!this.xml.has(clsid)) return;
    this.fault("remove");
    this.xml.delete(clsid);
  }
}

/** A registry, start-up tasks, express writers, services of writers and records in memory. */
export interface FakeMachine extends RegistrationMachine {
  readonly api: FakeRegistry;
  readonly tasks: FakeTasks;
  readonly writers: FakeExpressWriters;
  readonly services: FakeWriterServices;
  readonly records: FakeRegistrationRecords;
}

export function fakeMachine(): FakeMachine {
  return {
    api: new FakeRegistry(),
    tasks: new FakeTasks(),
    writers: new FakeExpressWriters(),
    services: new FakeWriterServices(),
    records: new FakeRegistrationRecords(),
  };
}
