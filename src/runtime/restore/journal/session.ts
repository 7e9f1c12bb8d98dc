import type { ProcessIdentity } from "../../../base/process-identity.ts";
import { foldName } from "../../../base/service-name.ts";
import { Components, showComponents } from "./components.ts";
import {
  JOURNAL_VERSION,
  type Change,
  type JournalService,
  type Opened,
  type SessionPhase,
  type SessionSettings,
  type Step,
} from "./step.ts";

/** What a journal says of its restore session: its steps, folded. */
export interface Session {
  readonly sessionId: string;
  readonly clsid: string;
  /** ISO 8601, UTC. */
  readonly openedAt: string;
  /** The number of steps: a session that is silent keeps it. */
  readonly steps: number;
  /** The process that wrote last as a server. */
  readonly server: ProcessIdentity;
  readonly settings: SessionSettings;
  readonly phase: SessionPhase;
  /** In the phase `started`: its server calls `afterServicesStart`, and ends the session after it. */
  readonly isStartedByServer: boolean;
  /** When all its services were last found stopped; ISO 8601, UTC. */
  readonly stoppedAt: string | undefined;
  /** In the order in which they stop. */
  readonly services: readonly JournalService[];
  readonly components: Components;
  /** What is wrong with the journal; nothing that it says can then be relied on to be all. */
  readonly damage: string | undefined;
  /** Returns the session as these changes would make it, and changes nothing. */
  with(changes: readonly Change[]): Session;
}

/** Returns services as they are in another phase. */
export function inPhase(
  services: readonly JournalService[],
  phase: JournalService["phase"],
): readonly JournalService[] {
  return services.map((one) => ({ ...one, phase }));
}

/** Returns the services whose start, or start type, the kit owes, in the order to start them. */
export function owedServices({ services }: Session): readonly JournalService[] {
  return services.filter(({ phase }) => phase === "stopping").toReversed();
}

/** Returns the names of the services that the kit owes something, in the order to start them. */
export function owedNames(session: Session): readonly string[] {
  return owedServices(session).map(({ name }) => name);
}

/** Returns the names of the services whose start the kit owes, in the order to start them. */
export function namesToStart(session: Session): readonly string[] {
  return owedServices(session)
    .filter(({ staysStopped }) => staysStopped === undefined)
    .map(({ name }) => name);
}

/** Returns the names of the services that were started again, in the order of their start. */
export function startedNames({ services }: Session): readonly string[] {
  return services
    .filter(({ phase, staysStopped }) => phase === "started" && staysStopped === undefined)
    .map(({ name }) => name)
    .toReversed();
}

/**
 * Returns the names of all services that may not run while a session restores: those that it lists,
 * those of its manifest, and more.
 */
export function namesInRestore(
  { services, settings }: Session,
  more: readonly string[] = [],
): readonly string[] {
  const all = [...services.map(({ name }) => name), ...settings.services, ...more];
  return [...new Map(all.map((name) => [foldName(name), name])).values()];
}

/** Returns the components whose files may be half restored, for people. */
export function halfRestored({ components }: Session): readonly string[] {
  return showComponents(components.abandoned);
}

/** Folds steps into the session that they tell of. */
export class SessionFold implements Session {
  readonly sessionId: string;
  readonly clsid: string;
  readonly openedAt: string;
  readonly settings: SessionSettings;
  readonly components = new Components();
  steps = 0;
  server: ProcessIdentity;
  phase: SessionPhase = "opened";
  isStartedByServer = false;
  stoppedAt: string | undefined;
  damage: string | undefined;
  isEnded = false;
  readonly #services = new Map<string, JournalService>();

  constructor(opened: Opened, openedAt: string) {
    this.sessionId = opened.sessionId;
    this.clsid = opened.clsid;
    this.settings = opened.settings;
    this.openedAt = openedAt;
    this.server = opened.server;
  }

  /** Folds the steps of one journal; `undefined` when the first does not open a session. */
  static of(steps: readonly Step[]): SessionFold | undefined {
    const [first] = steps;
    const opened = first?.changes.find((change) => change.type === "opened");
    if (first === undefined || opened === undefined) return undefined;
    const session = new SessionFold(opened, first.at);
    for (const step of steps) session.apply(step);
    return session;
  }

  get services(): readonly JournalService[] {
    return [...this.#services.values()];
  }

  with(changes: readonly Change[]): Session {
    const { sessionId, clsid, server, settings } = this;
    const opened: Opened = {
      type: "opened",
      version: JOURNAL_VERSION,
      sessionId,
      clsid,
      server,
      settings,
    };
    const copy = new SessionFold(opened, this.openedAt);
    copy.phase = this.phase;
    copy.isStartedByServer = this.isStartedByServer;
    copy.damage = this.damage;
    copy.change({ type: "services", services: this.services });
    for (const one of this.components.all) copy.change({ type: "component", ...one });
    for (const change of changes) copy.change(change);
    return copy;
  }

  apply({ at, changes }: Step): void {
    this.steps += 1;
    for (const change of changes) {
      this.change(change);
      if (change.type === "phase" && change.phase === "open") this.stoppedAt = at;
    }
  }

  change(change: Change): void {
    switch (change.type) {
      case "opened":
        break;
      case "server":
        this.server = change.server;
        break;
      case "services":
        for (const one of change.services) this.#services.set(foldName(one.name), one);
        break;
      case "component": {
        const { type: _, ...progress } = change;
        this.components.set(progress);
        break;
      }
      case "ran":
        this.components.addRan(change.services);
        break;
      case "phase":
        this.phase = change.phase;
        this.isStartedByServer = change.byServer === true;
        break;
      case "ended":
        this.isEnded = true;
        break;
    }
  }
}
