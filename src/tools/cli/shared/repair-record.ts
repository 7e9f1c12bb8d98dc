import { WsbError } from "../../../base/errors.ts";
import type { RegistrationMachine } from "../../registration/register.ts";
import type { Screen } from "./output.ts";

/** Tells whether a writer's registration record is damaged, and not merely hidden or half done. */
export function isRecordDamaged({ records }: RegistrationMachine, writerId: string): boolean {
  try {
    records.read(writerId);
    return false;
  } catch (error) {
    if (error instanceof WsbError && error.code === "ERR_WSB_CONFLICT") return true;
    throw error;
  }
}

/**
 * Sets a damaged registration record aside, and says so. The registration lock must be held.
 *
 * @returns `false` when the record can be read, so that nothing was done.
 */
export function setRecordAside(
  machine: RegistrationMachine,
  writerId: string,
  screen: Screen,
): boolean {
  if (!isRecordDamaged(machine, writerId)) return false;
  const aside = machine.records.setAside(writerId);
  screen.note(`The damaged registration record was set aside as ${aside ?? "nothing"}.`);
  return true;
}

/** The machine as it is after its damaged record was set aside; nothing is changed. */
export function withoutRecord(machine: RegistrationMachine): RegistrationMachine {
  return { ...machine, records: { ...machine.records, read: () => undefined } };
}
