/** What a freeze journal tells; nothing is read or changed here. */
import type { LogContents } from "../../../base/durable-log/scan.ts";
import { readFreezeStep, type FreezeStep } from "./step.ts";

/** What a service finds at its start. */
export interface FoundFreeze {
  readonly state: /** Nothing is frozen. */
    | "none"
    /** A freeze of this boot was not ended. */
    | "frozen"
    /** The journal does not tell. */
    | "unknown";
  /** The freezes that failed one after the other; a freeze that nobody has ended is one of them. */
  readonly failedFreezes: number;
}

/**
 * Tells what a journal says. Whatever cannot be relied on is `unknown`: a thaw too much does no harm.
 *
 * @param contents `undefined` without a journal.
 * @param boot This boot; `null` when Windows does not tell it.
 */
export function judgeFreeze(contents: LogContents | undefined, boot: string | null): FoundFreeze {
  const steps = contents?.records.map(readFreezeStep) ?? [];
  const sound = steps.filter((step) => step !== undefined);
  const failedFreezes = countFailed(sound);
  const [first] = sound;
  const isWhole = contents?.end !== "damaged" && sound.length === steps.length;
  if (first?.type !== "prepared" || !isWhole) return { state: "unknown", failedFreezes };
  const isFrozen = sound.at(-1)?.type === "freezing";
  // A machine that has started again starts its applications again.
  const isOtherBoot = first.boot !== null && boot !== null && first.boot !== boot;
  return { state: isFrozen && !isOtherBoot ? "frozen" : "none", failedFreezes };
}

/** A process may die in its freeze, so that nobody records how it ended. */
function countFailed(steps: readonly FreezeStep[]): number {
  let count = 0;
  for (const step of steps) count = step.type === "freezing" ? count + 1 : step.failedFreezes;
  return count;
}
