import type { NativeBinding } from "../../src/runtime/native/binding.ts";
import type {
  Check,
  DoctorAddin,
  DoctorMachine,
  Finding,
  WindowsPrograms,
} from "../../src/tools/doctor/check.ts";
import type { WriterInstance } from "../../src/base/vss-writers.ts";
import { createFakeBinding, type FakeMachine } from "./fakes/fake-binding.ts";
import { INSTALLATION } from "./fakes/registration.ts";
import { CLSID, WRITER_ID, manifestWith } from "./manifest.ts";

export interface DoctorBed extends FakeMachine {
  readonly api?: Partial<NativeBinding>;
  readonly programs?: Partial<WindowsPrograms>;
  readonly now?: Date;
}

/** A machine without Windows, on which nothing is wrong. */
export function machineWith({ api, programs, now, ...machine }: DoctorBed = {}): DoctorMachine {
  return {
    api: { ...createFakeBinding(machine), ...api },
    programs: {
      writers: async () => [writerWith()],
      scheduledVolumes: async () => ["C:"],
      ...programs,
    },
    now: now ?? new Date("2026-11-01T00:00:00Z"),
    signal: new AbortController().signal,
  };
}

export function addinWith(fields: Partial<DoctorAddin> = {}): DoctorAddin {
  return {
    name: "Contoso Ledger",
    writerId: WRITER_ID,
    clsid: CLSID,
    manifest: manifestWith(),
    installation: INSTALLATION,
    registration: async () => ({ condition: "as written", drift: [], warnings: [] }),
    session: () => undefined,
    events: () => [],
    componentPaths: undefined,
    command: (command) => `wsb-addin ${command}`,
    ...fields,
  };
}

export function writerWith(fields: Partial<WriterInstance> = {}): WriterInstance {
  return {
    name: "Contoso Ledger Writer",
    id: WRITER_ID,
    instanceId: "{21111111-1111-4111-8111-111111111111}",
    state: 1,
    stateText: "Stable",
    lastError: "No error",
    ...fields,
  };
}

/** Makes a check. */
export async function make(
  check: Check,
  machine: DoctorMachine = machineWith(),
  addin: DoctorAddin = addinWith(),
): Promise<Finding> {
  return check.about === "machine" ? check.run(machine) : check.run(addin, machine);
}
