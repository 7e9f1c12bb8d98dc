import type { ProcessIdentity } from "../../base/process-identity.ts";
import { toPhase } from "./journal/components.ts";
import { halfRestored, type Session } from "./journal/session.ts";
import type { Change, ComponentProgress } from "./journal/step.ts";

/** Tells whether the processes of a session run. */
export interface Living {
  /** Tells whether that very process runs. */
  isAlive(process: ProcessIdentity): boolean;
}

type Lost = (one: ComponentProgress) => boolean;

/** Gives up a component that nobody will finish: its files may be half restored, or are untouched. */
function giveUp(one: ComponentProgress): Change {
  const isHalf = one.phase === "prepared" || one.mayBeOverwritten === true;
  return toPhase(one, isHalf ? "abandoned" : "finished");
}

/**
 * Gives up what nobody will finish: components whose client has ended, and those whose PreRestore was
 * being served when its server ended. A client that Windows did not tell counts as running.
 *
 * Asks about each client once: a session of 10,000 components has few clients.
 */
export function abandonLost({ components, server }: Session, living: Living): readonly Change[] {
  if (!components.isAwaited) return [];
  const isServerLost = !living.isAlive(server);
  const duringPreRestore: Lost = ({ phase }) => isServerLost && phase === "preparing";
  return components.awaited.flatMap(({ client, components: awaited }) => {
    const isLost = client !== null && !living.isAlive(client);
    if (!isLost && !isServerLost) return [];
    return [...awaited.values()].filter((one) => isLost || duringPreRestore(one)).map(giveUp);
  });
}

/** Gives up the components of clients that Windows did not tell: nothing else shows their end. */
export function abandonUnknown({ components }: Session): readonly Change[] {
  return components.awaited
    .filter(({ client }) => client === null)
    .flatMap(({ components: awaited }) => [...awaited.values()].map(giveUp));
}

/** Gives up everything that is still waited for. */
export function abandonAll({ components }: Session): readonly Change[] {
  return components.awaited.flatMap(({ components: awaited }) => [...awaited.values()].map(giveUp));
}

/** What is due in a session. */
export type Due =
  /** Somebody may still finish it. */
  | "wait"
  /** The services must start. */
  | "start"
  /** The services must stay stopped: files may be half restored, and nobody has decided. */
  | "keepStopped";

/**
 * Decides what is due in a session, after what nobody will finish was given up.
 *
 * A session whose services are being started is finished: that was decided before.
 */
export function dueOf(session: Session): Due {
  if (session.damage !== undefined) return "keepStopped";
  if (session.components.isAwaited) return "wait";
  const isDecided =
    session.phase === "starting" ||
    session.phase === "started" ||
    session.settings.onAbandonedRestore === "startServices";
  return isDecided || halfRestored(session).length === 0 ? "start" : "keepStopped";
}

/** Tells whether a server that lives calls `afterServicesStart`, and ends the session after it. */
export function isFinishing(
  { phase, isStartedByServer, server, components }: Session,
  living: Living,
): boolean {
  return (
    phase === "started" && isStartedByServer && !components.isAwaited && living.isAlive(server)
  );
}
