/** What the steps of a restore change in its session; nothing is written here. */
import type { Component } from "../../base/component.ts";
import { shorten } from "../../base/error-chain.ts";
import { toPhase, type Restoring } from "./journal/components.ts";
import { inPhase, type Session } from "./journal/session.ts";
import type { Change, ComponentProgress, JournalService } from "./journal/step.ts";
import { foldName } from "../../base/service-name.ts";

// The room for a component's steps is reserved before its services stop, so a text has a limit.
const MAX_OUTCOME = 300;

/** What a call tells of its component. */
export interface Entering extends Restoring {
  readonly noRollForward: boolean;
}

function change(
  { components }: Session,
  { component, client }: Restoring,
  to: Pick<ComponentProgress, "phase"> & Partial<ComponentProgress>,
): Change {
  const { componentName, logicalPath } = component;
  const before = components.find({ component, client });
  const outcome = to.outcome === undefined ? {} : { outcome: shorten(to.outcome, MAX_OUTCOME) };
  return {
    type: "component",
    ...(before ?? { componentName, logicalPath, client }),
    ...to,
    ...outcome,
  };
}

/** Tells whether a PreRestore of a component has succeeded before the one being served. */
function isAgain({ components }: Session, restoring: Restoring): boolean {
  const before = components.find(restoring);
  const { phase, mayBeOverwritten } = before ?? {};
  return phase === "prepared" || phase === "abandoned" || mayBeOverwritten === true;
}

/** Notes that PreRestore of a component is being served; an earlier one may have succeeded. */
export function enterComponent(session: Session, entering: Entering): Change {
  return change(session, entering, {
    phase: "preparing",
    noRollForward: entering.noRollForward,
    ...(isAgain(session, entering) && { mayBeOverwritten: true }),
  });
}

/** Notes that PreRestore of a component has succeeded. */
export function prepareComponent(session: Session, restoring: Restoring): Change {
  return change(session, restoring, { phase: "prepared", outcome: "ok" });
}

/** Notes that PreRestore of a component has failed, with services to be kept stopped. */
export function leaveComponent(session: Session, restoring: Restoring, outcome: string): Change {
  return change(session, restoring, {
    phase: "left",
    outcome,
    ...(isAgain(session, restoring) && { mayBeOverwritten: true }),
  });
}

/**
 * Notes that PreRestore of a component has failed before its handler was called, perhaps before
 * {@link enterComponent} could be written.
 */
export function failEntering(session: Session, restoring: Restoring, outcome: string): Change {
  const phase = isAgain(session, restoring) ? "abandoned" : "finished";
  return change(session, restoring, { phase, outcome });
}

/** Notes that PreRestore of a component has failed: only an earlier one can have led to a restore. */
export function failPreparing(session: Session, restoring: Restoring, outcome: string): Change {
  const isHalf = session.components.find(restoring)?.mayBeOverwritten === true;
  return change(session, restoring, { phase: isHalf ? "abandoned" : "finished", outcome });
}

/** Notes that PostRestore of a component has failed: its files may be half restored. */
export function failRestoring(session: Session, restoring: Restoring, outcome: string): Change {
  return change(session, restoring, { phase: "abandoned", outcome });
}

/**
 * Notes that a component is restored: PreRestore and PostRestore have succeeded. That settles the
 * same component where another client had given it up. One that had been given up itself finishes
 * late and settles no other: its PreRestore may have been long before theirs.
 */
export function finishComponent(session: Session, restoring: Restoring): readonly Change[] {
  const { component, client } = restoring;
  const own = session.components.find(restoring);
  const same = own?.phase === "abandoned" ? [] : session.components.sameComponent(component);
  const settled = same.filter((one) => one !== own && one.phase === "abandoned");
  return [settle(component, client), ...settled.map((one) => settle(component, one.client))];
}

function settle(component: Component, client: ComponentProgress["client"]): Change {
  const { componentName, logicalPath } = component;
  return {
    type: "component",
    componentName,
    logicalPath,
    client,
    phase: "finished",
    outcome: "ok",
  };
}

/** Changes the phase of services. */
export function setServices(
  services: readonly JournalService[],
  phase: JournalService["phase"],
): Change {
  return { type: "services", services: inPhase(services, phase) };
}

/** Adds services as they are now; one that the session knows must be stopped again. */
export function listServices(
  { services }: Session,
  running: readonly JournalService[],
): readonly JournalService[] {
  const known = new Map(services.map((one) => [foldName(one.name), one]));
  return running.map((one): JournalService => {
    const before = known.get(foldName(one.name));
    if (before === undefined) return one;
    // One that was at rest may run now.
    const { staysStopped: _, ...rest } = before;
    const stays = one.staysStopped === undefined ? {} : { staysStopped: one.staysStopped };
    const phase = before.phase === "stopping" ? "stopping" : "listed";
    return { ...rest, ...stays, phase };
  });
}

/** Forgets failures of PreRestore that kept services stopped: all services are stopped now. */
export function settleLeft({ components }: Session): readonly Change[] {
  return components.awaited
    .flatMap(({ components: awaited }) => [...awaited.values()])
    .filter(({ phase }) => phase === "left")
    .map((one) => toPhase(one, one.mayBeOverwritten === true ? "abandoned" : "finished"));
}
