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
function withoutRecord(machine: RegistrationMachine): RegistrationMachine {
  return { ...machine, records: { ...machine.records, read: () => undefined } };
}

/**
 * The machine as a dry run looks at it: with `--repair`, a damaged record would be set aside. Says
 * what would happen before the changes.
 */
export function previewRecord(
  machine: RegistrationMachine,
  { writerId, isRepair }: { readonly writerId: string; readonly isRepair: boolean },
  screen: Screen,
): RegistrationMachine {
  if (isRepair && isRecordDamaged(machine, writerId)) {
    screen.note("The damaged registration record would be set aside.");
    return withoutRecord(machine);
  }
  const state = machine.records.read(writerId)?.state ?? "registered";
  if (state !== "registered") {
    const end = state === "registering" ? "undone" : "completed";
    screen.note(`The interrupted command would be ${end} first; the changes after it may differ.`);
  }
  return machine;
}
