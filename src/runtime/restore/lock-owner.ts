import { fields } from "../../base/document/fields.ts";
import { integer, string } from "../../base/document/kinds.ts";
import { readText } from "../../base/document/read.ts";
import type { ProcessIdentity } from "../../base/process-identity.ts";

/** The process that has a lock. */
export interface LockOwner extends ProcessIdentity {
  /** What it does with the lock, in a word, such as `guardian`. */
  readonly doing: string;
}

/** A record of an owner, apart from its identity. */
export interface LockBeat {
  /** Tells the times apart that one process takes the lock. */
  readonly hold: number;
  /** Grows while the owner's event loop runs. */
  readonly beat: number;
}

/**
 * Formats the content of a lock file. The records of one hold have the same length and differ in the
 * digits of the beat alone, so a reader never sees a mixture that means something else.
 */
export function formatOwner(owner: LockOwner, { hold, beat }: LockBeat): Uint8Array {
  const { pid, startedAt, image, doing } = owner;
  const digits = String(beat).padStart(10, "0");
  return Buffer.from(
    `${JSON.stringify({ pid, startedAt, image, doing, hold, beat: digits })}\n`,
    "utf8",
  );
}

const ownerDefinition = fields(
  {
    pid: integer({ least: 0, most: 0xffff_ffff }),
    startedAt: string.check((ticks) => (/^\d{1,19}$/u.test(ticks) ? undefined : "must be ticks")),
    image: string,
    doing: string,
  },
  { others: "ignored" },
);

/** Reads the content of a lock file; `undefined` when it is empty or not whole. */
export function parseOwner(record: string): LockOwner | undefined {
  if (!record.endsWith("\n")) return undefined;
  const reading = readText(ownerDefinition, record, "the lock");
  return "value" in reading ? reading.value : undefined;
}
