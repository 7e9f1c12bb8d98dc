import type { MarkedService, Marks } from "./journal/mark.ts";
import { owedServices } from "./journal/session.ts";
import type { SessionSettings } from "./journal/step.ts";
import { readOldJournal, type OldJournals } from "./journal/version-1.ts";

/** Another add-in that needs services stopped. */
export interface Holder {
  readonly clsid: string;
  /** `undefined` when its session cannot be read: it may need any service. */
  readonly services: readonly MarkedService[] | undefined;
}

/** Tells which add-ins, other than this one, have a restore session. The lock must be held. */
export type FindHolders = () => readonly Holder[];

export interface HoldersOptions {
  readonly clsid: string;
  readonly marks: Marks;
  readonly old: OldJournals;
  readonly settings: SessionSettings;
}

/** Finds holders by their marks, and those of release 0.1.0, which has no marks, by their journals. */
export function holdersOn(options: HoldersOptions): FindHolders {
  const { clsid, marks, old } = options;
  return () => {
    const marked = marks.others(clsid).flatMap(({ clsid: other, mark }): readonly Holder[] => {
      if (mark === undefined) return [];
      return [{ clsid: other, services: mark === "unreadable" ? undefined : mark.services }];
    });
    const known = new Set([clsid, ...marked.map((one) => one.clsid)].map(fold));
    const others = old.list().filter((name) => !known.has(fold(name)));
    return [...marked, ...others.flatMap((name) => oldHolder(options, name))];
  };
}

function fold(name: string): string {
  return name.toUpperCase();
}

function oldHolder({ old, settings }: HoldersOptions, clsid: string): readonly Holder[] {
  try {
    const session = readOldJournal(old, { clsid, settings })?.session;
    if (session === undefined) return [];
    const isDamaged = session.damage !== undefined;
    return [{ clsid, services: isDamaged ? undefined : owedServices(session) }];
  } catch {
    return [{ clsid, services: undefined }];
  }
}

/** Another add-in that needs a service stopped, and what it knows of the service. */
export interface Held {
  readonly clsid: string;
  /** `undefined` when its session cannot be read. */
  readonly service: MarkedService | undefined;
}

/** Finds who needs a service stopped; one that can start it again comes first. */
export function holderOf(name: string, holders: readonly Holder[]): Held | undefined {
  const held = holders.flatMap(({ clsid, services }): readonly Held[] => {
    if (services === undefined) return [{ clsid, service: undefined }];
    const service = services.find((one) => fold(one.name) === fold(name));
    return service === undefined ? [] : [{ clsid, service }];
  });
  return held.find(({ service }) => service !== undefined) ?? held[0];
}
