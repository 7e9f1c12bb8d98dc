import type { FakeRegistrationRecords } from "./fake-registration-records.ts";

/** A store in memory whose changes can fail. */
interface FaultyStore<Change extends string> {
  fault: (change: Change) => void;
  readonly documents: Map<string, string>;
  readonly running?: Set<string>;
}

/** Lets a change of the store fail. */
export function failAt<Change extends string>(store: FaultyStore<Change>, change: Change): void {
  store.fault = (now) => {
    if (now === change) throw new Error(`no ${change}`);
  };
}

/** Notes what is there, and returns what brings it back. */
function keep({ documents, running }: FaultyStore<never>, { texts }: FakeRegistrationRecords) {
  const kept = { documents: [...documents], running: [...(running ?? [])], texts: [...texts] };
  return (): void => {
    documents.clear();
    running?.clear();
    texts.clear();
    for (const [id, document] of kept.documents) documents.set(id, document);
    for (const id of kept.running) running?.add(id);
    for (const [id, text] of kept.texts) texts.set(id, text);
  };
}

/** What dies at a change. */
interface Killed<Change extends string> {
  readonly store: FaultyStore<Change>;
  readonly records: FakeRegistrationRecords;
  readonly change: Change;
}

/** Leaves what a command leaves that was killed at a change of the store. */
export async function killAt<Change extends string>(
  { store, records, change }: Killed<Change>,
  work: () => Promise<unknown>,
): Promise<void> {
  let restore: (() => void) | undefined;
  store.fault = (now) => {
    if (now !== change || restore !== undefined) return;
    restore = keep(store, records);
    throw new Error("killed");
  };
  await work().catch(() => {});
  store.fault = () => {};
  if (restore === undefined) throw new Error(`there was no ${change}`);
  // What came after its death did not happen.
  restore();
  if (records.texts.size === 0) throw new Error(`nothing is on record at ${change}`);
}
