import { loadManifest } from "../../../src/runtime/manifest/load.ts";
import type { NativeBinding } from "../../../src/runtime/native/binding.ts";
import { openMachine } from "../../../src/tools/registration/machine.ts";
import { planRegistration } from "../../../src/tools/registration/plan.ts";
import type { RegistrationRecords } from "../../../src/tools/registration/registration-record.ts";
import { applyRegistration, removeRegistration } from "../../../src/tools/registration/register.ts";

/** A registration or removal to interrupt. */
export interface Transition {
  readonly command: "register" | "unregister";
  readonly manifestFile: string;
  readonly serverScript: string;
  /**
   * The number of the change to interrupt, 0 for none. Every call that changes registry or record
   * counts.
   */
  readonly position: number;
  /** Called instead of that change or after it. */
  readonly onPosition: <T>(change: () => T) => T;
}

export interface TransitionOutcome {
  readonly failed: boolean;
  readonly changes: number;
}

/** Registers or unregisters, and interrupts a change. */
export async function runTransition(
  api: NativeBinding,
  { command, manifestFile, serverScript, position, onPosition }: Transition,
): Promise<TransitionOutcome> {
  let changes = 0;
  const count = <T>(change: () => T): T => {
    changes += 1;
    return changes === position ? onPosition(change) : change();
  };
  const opened = openMachine(
    {
      ...api,
      createRegistryKey: (path) => count(() => api.createRegistryKey(path)),
      writeRegistryValue: (path, name, type, data) => {
        count(() => api.writeRegistryValue(path, name, type, data));
      },
      deleteRegistryValue: (path, name) => count(() => api.deleteRegistryValue(path, name)),
      deleteRegistryKey: (path) => count(() => api.deleteRegistryKey(path)),
    },
    console.error,
  );
  const records: RegistrationRecords = {
    read: (writerId) => opened.records.read(writerId),
    write: (writerId, record) => count(() => opened.records.write(writerId, record)),
    remove: (writerId) => count(() => opened.records.remove(writerId)),
    setAside: (writerId) => opened.records.setAside(writerId),
  };
  const machine = { ...opened, records };
  const manifest = loadManifest(manifestFile);
  const plan = planRegistration(manifest, { nodeExe: process.execPath, serverScript });
  try {
    if (command === "register") await applyRegistration(machine, manifest.writerId, plan);
    else await removeRegistration(machine, manifest.writerId);
  } catch {
    return { failed: true, changes };
  }
  return { failed: false, changes };
}
