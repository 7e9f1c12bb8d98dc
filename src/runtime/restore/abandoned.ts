import { showComponent } from "../../base/component.ts";
import type { ProcessIdentity } from "../../base/process-identity.ts";
import type { ComponentProgress, Journal } from "./journal.ts";
import { isActive } from "./transitions.ts";

/** Tells whether the processes of a session run. */
export interface Living {
  /** Tells whether that very process runs. */
  isAlive(process: ProcessIdentity): boolean;
}

/** Answers each question about a process once: a session of 10,000 components has few clients. */
function rememberLiving(living: Living): Living {
  const known = new Map<string, boolean>();
  return {
    isAlive(process) {
      const key = `${process.pid} ${process.startedAt}`;
      const answer = known.get(key) ?? living.isAlive(process);
      known.set(key, answer);
      return answer;
    },
  };
}

/** Gives up a component that nobody will finish: its files may be half restored, or are untouched. */
function giveUp(one: ComponentProgress): ComponentProgress {
  const isHalf = one.phase === "prepared" || one.mayBeOverwritten === true;
  return { ...one, phase: isHalf ? "abandoned" : "finished" };
}

function giveUpWhere(journal: Journal, isLost: (one: ComponentProgress) => boolean): Journal {
  const components = journal.components.map((one): ComponentProgress =>
    (isActive(one) || one.phase === "left") && isLost(one) ? giveUp(one) : one,
  );
  return { ...journal, components };
}

/**
 * Gives up what nobody will finish: components whose client has ended, and those whose PreRestore was
 * being served when its server ended. A client that Windows did not tell counts as running.
 */
export function abandonLost(journal: Journal, living: Living): Journal {
  const known = rememberLiving(living);
  const serverLives = known.isAlive(journal.server);
  return giveUpWhere(journal, (one) => {
    const clientLives = one.client === null || known.isAlive(one.client);
    return !clientLives || (!serverLives && one.phase === "preparing");
  });
}

/** Gives up the components of clients that Windows did not tell: nothing else shows their end. */
export function abandonUnknown(journal: Journal): Journal {
  return giveUpWhere(journal, (one) => one.client === null);
}

/** Gives up everything that is still waited for. */
export function abandonAll(journal: Journal): Journal {
  return giveUpWhere(journal, () => true);
}

/** Tells whether somebody may still come to finish what was prepared. */
export function isAwaited(journal: Journal): boolean {
  return journal.components.some((one) => isActive(one) || one.phase === "left");
}

/** Returns the components whose files may be half restored, each once, as VSS tools write them. */
export function halfRestored({ components }: Journal): readonly string[] {
  const abandoned = components.filter(({ phase }) => phase === "abandoned");
  return [...new Set(abandoned.map(showComponent))];
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
export function dueOf(journal: Journal): Due {
  if (isAwaited(journal)) return "wait";
  if (journal.phase === "starting" || journal.onAbandonedRestore === "startServices")
    return "start";
  return halfRestored(journal).length === 0 ? "start" : "keepStopped";
}
