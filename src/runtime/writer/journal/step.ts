/** What the freeze journal records: one step for each record, read back by the same definitions. */
import type { TypeOf } from "../../../base/document/definition.ts";
import { forms } from "../../../base/document/fields.ts";
import { integer, literal, orNull, string as text } from "../../../base/document/kinds.ts";
import { readValue } from "../../../base/document/read.ts";

/** The version of the journal's steps. */
export const FREEZE_JOURNAL_VERSION = 1;

const time = text.check((value) =>
  Number.isNaN(Date.parse(value)) ? "must be a time" : undefined,
);

const count = integer({ least: 0, most: Number.MAX_SAFE_INTEGER });

const step = forms("type", {
  /** The first step of each journal. Nothing is frozen. */
  prepared: {
    at: time,
    version: literal(FREEZE_JOURNAL_VERSION),
    /** The boot that wrote the journal; `null` when Windows did not tell it. */
    boot: orNull(text),
    /** The freezes that failed one after the other until now. */
    failedFreezes: count,
  },
  /** The handler `freeze` is about to run. It counts as failed until its end is recorded. */
  freezing: { at: time, snapshotSetId: text },
  /** The application was thawed. */
  thawed: { at: time, failedFreezes: count },
});

/** A step of a freeze journal. */
export type FreezeStep = TypeOf<typeof step>;

/** Reads a record of a journal; `undefined` when it is not a step of this version. */
export function readFreezeStep(record: unknown): FreezeStep | undefined {
  const reading = readValue(step, record, "the step");
  return "value" in reading ? reading.value : undefined;
}
