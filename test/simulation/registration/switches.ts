/** What the tests may replace in the parts of the kit, to bring a fault back. */
import type { NativeBinding } from "../../../src/runtime/native/binding.ts";
import { removeWriter } from "../../../src/tools/cli/commands/unregister.ts";
import type { RegistrationMachine } from "../../../src/tools/registration/register.ts";

export interface RegistrationSwitch {
  /** The shim, as the kit sees it. */
  readonly binding: (binding: NativeBinding) => NativeBinding;
  readonly machine: (machine: RegistrationMachine) => RegistrationMachine;
  readonly removeWriter: typeof removeWriter;
  /** What `status` does besides looking. */
  readonly beforeStatus: (machine: RegistrationMachine, writerId: string) => Promise<void>;
  /** Whether `--repair` does anything. */
  readonly canRepair: boolean;
}

/** The kit as it is. */
export const noFault: RegistrationSwitch = {
  binding: (binding) => binding,
  machine: (machine) => machine,
  removeWriter,
  beforeStatus: async () => {},
  canRepair: true,
};
