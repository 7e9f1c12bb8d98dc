/** What a journal and its mark say together; nothing is read or changed here. */
import type { LogContents } from "../../../base/durable-log/scan.ts";
import { foldName } from "../../../base/service-name.ts";
import { toPhase } from "./components.ts";
import type { Mark, FoundMark } from "./mark.ts";
import { SessionFold, inPhase } from "./session.ts";
import {
  JOURNAL_VERSION,
  readStep,
  type Change,
  type JournalService,
  type SessionSettings,
  type Step,
} from "./step.ts";

/** What is stored of an add-in's restore session. */
export type Found =
  /** No session is open. */
  | { readonly kind: "none" }
  /** The session has ended, or had not begun: its mark or its journal is a remainder. */
  | { readonly kind: "remainder" }
  /** The journal came back from a backup: no mark names its session. */
  | { readonly kind: "unmarked"; readonly session: SessionFold }
  | { readonly kind: "open"; readonly session: SessionFold }
  /** A session is open, and its journal does not tell all of it. */
  | { readonly kind: "damaged"; readonly session: SessionFold };

/** What was read of an add-in's session. */
export interface Stored {
  readonly clsid: string;
  readonly mark: FoundMark;
  /** `undefined` when there is no journal, or when it cannot be read as one. */
  readonly contents: LogContents | undefined;
  /** The manifest's choices, for a session of which nothing else is left. */
  readonly settings: SessionSettings;
}

/** Tells what journal and mark say together. */
export function judge(stored: Stored): Found {
  const { mark, contents, clsid } = stored;
  const steps = contents?.records.map(readStep) ?? [];
  const sound = steps.filter((step) => step !== undefined);
  const isWhole = contents?.end !== "damaged" && sound.length === steps.length;
  const read = SessionFold.of(sound);
  const session = read?.clsid === clsid ? read : undefined;
  if (mark === undefined) return judgeUnmarked(session, isWhole);
  if (session === undefined || mark === "unreadable" || session.sessionId !== mark.sessionId) {
    return { kind: "damaged", session: damagedSession(stored, session, reasonOf(stored, session)) };
  }
  if (!isWhole) {
    return { kind: "damaged", session: damagedSession(stored, session, "the journal is damaged") };
  }
  if (session.isEnded) return { kind: "remainder" };
  oweMarked(session, mark);
  return { kind: "open", session };
}

function judgeUnmarked(session: SessionFold | undefined, isWhole: boolean): Found {
  if (session === undefined || session.isEnded) return { kind: "none" };
  // The mark is written before anything stops: a session without one had not begun.
  const hadBegun = session.phase !== "opened" || !isWhole;
  return hadBegun ? { kind: "unmarked", session } : { kind: "remainder" };
}

function reasonOf({ mark, contents }: Stored, session: SessionFold | undefined): string {
  if (mark === "unreadable") return "the mark of the session in the registry cannot be read";
  if (contents === undefined) return "the journal is missing";
  return session === undefined
    ? "the journal is damaged"
    : "the journal belongs to another session";
}

/** Makes a session of what is left: whatever may be owed counts as owed. */
export function damagedSession(
  stored: Stored,
  read: SessionFold | undefined,
  reason: string,
): SessionFold {
  const { mark } = stored;
  const isOther = typeof mark === "object" && read?.sessionId !== mark.sessionId;
  const session = isOther || read === undefined ? nothingRead(stored) : read;
  session.damage = reason;
  session.change({ type: "services", services: owedOf(stored, session) });
  for (const change of giveUpAll(session)) session.change(change);
  return session;
}

function nothingRead({ clsid, mark, settings }: Stored): SessionFold {
  const opened = {
    type: "opened",
    version: JOURNAL_VERSION,
    sessionId: typeof mark === "object" ? mark.sessionId : "unknown",
    clsid,
    server: { pid: 0, startedAt: "0", image: "" },
    settings,
  } as const;
  return new SessionFold(opened, new Date(0).toISOString());
}

/**
 * Whatever was stopped is in the mark, which no longer names what runs again or is gone. Without a
 * mark that can be read, all counts as owed that anything names.
 */
function owedOf(stored: Stored, session: SessionFold): readonly JournalService[] {
  const { mark, settings } = stored;
  if (typeof mark === "object") return owedBy(mark, session);
  const services = new Map<string, JournalService>();
  const add = (one: JournalService): void => {
    services.set(foldName(one.name), { ...one, phase: "stopping" });
  };
  for (const name of session.services.length === 0 ? settings.services : []) {
    add(serviceNamed({ name, startTypeBefore: "manual", delayedStartBefore: false }));
  }
  for (const one of salvaged(stored)) add(one);
  for (const one of session.services) if (isOwed(one)) add(one);
  return [...services.values()];
}

function isOwed({ phase }: JournalService): boolean {
  return phase === "listed" || phase === "stopping";
}

function owedBy({ services }: Mark, session: SessionFold): readonly JournalService[] {
  const known = new Map(session.services.map((one) => [foldName(one.name), one]));
  const owed = services.map((one): JournalService => {
    const before = known.get(foldName(one.name)) ?? serviceNamed(one);
    known.delete(foldName(one.name));
    return { ...before, phase: "stopping" };
  });
  const others = [...known.values()].filter(isOwed);
  return [...owed, ...inPhase(others, "listed")];
}

/**
 * Makes the services that the mark names owed again: their process ended, or failed, before the mark
 * could follow the journal, and another add-in may have passed them to this session since.
 */
export function oweMarked(session: SessionFold, { services }: Mark): void {
  const names = new Set(services.map(({ name }) => foldName(name)));
  const again = session.services.filter(
    ({ name, phase }) => phase === "started" && names.has(foldName(name)),
  );
  session.change({ type: "services", services: inPhase(again, "stopping") });
}

function serviceNamed(one: Mark["services"][number]): JournalService {
  return { ...one, stateBefore: "RUNNING", isDependent: false, phase: "stopping" };
}

/** Services of steps that can be read behind the damage. */
function salvaged({ contents }: Stored): readonly JournalService[] {
  const steps = contents?.salvaged.map(readStep).filter((step): step is Step => step !== undefined);
  return (steps ?? [])
    .flatMap(({ changes }) => changes)
    .flatMap((change) => (change.type === "services" ? change.services : []))
    .filter(isOwed);
}

/** Files of a component may be half restored unless the journal tells for sure that it was finished. */
function giveUpAll({ components }: SessionFold): readonly Change[] {
  return components.awaited.flatMap(({ components: awaited }) =>
    [...awaited.values()].map((one) => toPhase(one, "abandoned")),
  );
}
