import { WsbError, errorText } from "../../base/errors.ts";
import type { SessionOutcome } from "../events/definitions.ts";
import type { Emit } from "../events/emit.ts";
import type { Journal } from "./journal.ts";
import type { JournalStore } from "./journal-file.ts";
import type { ServiceControl } from "./service-control.ts";
import { owedServices, setPhase, setService } from "./transitions.ts";

/** What it takes to end a session, in whatever process. */
export interface SessionMachine {
  readonly store: JournalStore;
  readonly control: ServiceControl;
  readonly emit: Emit;
}

/**
 * Writes the journal where a failure must not keep services stopped: it is put on record, and what
 * is owed can be read from the older journal.
 */
function writeIfPossible({ store, emit }: SessionMachine, journal: Journal): void {
  try {
    store.write(journal);
  } catch (error) {
    emit({ event: "message", level: "error", text: errorText(error) });
  }
}

/**
 * Starts what the session has stopped, last stopped first, and ends the journal. The session lock
 * must be held.
 *
 * A service that does not start keeps the others from nothing, and keeps the journal open: the
 * guardian, the next call and `wsb-addin recover` try again.
 *
 * @throws {@link WsbError} `ERR_WSB_SERVICE` with the text of every service that did not start.
 */
export async function closeSession(
  machine: SessionMachine,
  journal: Journal,
  outcome: SessionOutcome,
): Promise<void> {
  const { store, control, emit } = machine;
  const { sessionId } = journal;
  let current = setPhase(journal, "starting");
  writeIfPossible(machine, current);
  const failures: unknown[] = [];
  for (const name of owedServices(current)) {
    try {
      await control.start(name);
    } catch (error) {
      failures.push(error);
      continue;
    }
    current = setService(current, name, "started");
    writeIfPossible(machine, current);
  }
  const leftStopped = owedServices(current);
  emit({ event: "sessionClosed", sessionId, outcome, leftStopped });
  for (const service of leftStopped) emit({ event: "serviceLeftStopped", sessionId, service });
  if (failures.length === 0) {
    store.remove();
    return;
  }
  throw new WsbError("ERR_WSB_SERVICE", failures.map(errorText).join(" "), { cause: failures[0] });
}
