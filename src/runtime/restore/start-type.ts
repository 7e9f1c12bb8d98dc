/**
 * While a session is open, Windows must not start its services when the machine starts: files may be
 * half restored. Services that start automatically have the start type manual until then.
 */
import type { JournalService } from "./journal/step.ts";
import type { ServiceControl } from "./service-control.ts";

type StartTypes = Pick<ServiceControl, "startTypeOf" | "setStartType">;

/** Keeps Windows from starting a service by itself. The journal already says what is owed. */
export async function holdStartType(
  control: StartTypes,
  { name, startTypeBefore, delayedStartBefore }: JournalService,
): Promise<void> {
  if (startTypeBefore !== "automatic") return;
  // Somebody may have disabled it since the session began.
  if ((await control.startTypeOf(name)) !== "automatic") return;
  await control.setStartType(name, { startType: "manual", delayedStart: delayedStartBefore });
}

/** Undoes {@link holdStartType}; a start type that somebody else has set meanwhile stays. */
export async function putStartTypeBack(
  control: StartTypes,
  { name, startTypeBefore, delayedStartBefore }: JournalService,
): Promise<void> {
  if (startTypeBefore !== "automatic") return;
  if ((await control.startTypeOf(name)) !== "manual") return;
  await control.setStartType(name, { startType: "automatic", delayedStart: delayedStartBefore });
}
