import type { NativeBinding } from "../../../runtime/native/binding.ts";
import { openFreezeJournal } from "../../../runtime/writer/writer-parts.ts";

/** How the last freezes of a writer in a service ended. */
export interface Freezes {
  /** The freezes that failed one after the other until now; absent when the last one did not. */
  readonly failedFreezes?: number;
  /** Whether a freeze has begun whose end is not on record, also one of an earlier boot; absent otherwise. */
  readonly frozen?: boolean;
}

/** Reads how the last freezes of a writer ended; nothing is known without elevation. Never throws. */
export function readFreezes(binding: NativeBinding, writerId: string): Freezes {
  const journal = openFreezeJournal(binding, writerId, { boot: null, emit: () => {} });
  const { state, failedFreezes: counted } = journal.read();
  const isFrozen = state === "frozen";
  // A freeze that nobody has ended counts as failed, and may be under way.
  const failedFreezes = isFrozen ? counted - 1 : counted;
  return {
    ...(failedFreezes > 0 ? { failedFreezes } : {}),
    ...(isFrozen ? { frozen: true } : {}),
  };
}
