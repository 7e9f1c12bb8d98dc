import { offReasons } from "../../runtime/events/definitions.ts";
import type { NativeBinding } from "../../runtime/native/binding.ts";
import { WriterSwitch, type SwitchState } from "../../runtime/writer/switch.ts";
import { openFreezeJournal } from "../../runtime/writer/writer-parts.ts";

/** How the last freezes of a writer in a service ended. */
export interface Freezes {
  /** The freezes that failed one after the other until now; absent when the last one did not. */
  readonly failedFreezes?: number;
  /** Whether a freeze has begun whose end is not on record, also one of an earlier boot; absent otherwise. */
  readonly frozen?: boolean;
}

/** What decides whether a writer's next backup is good. */
export interface BackupState extends Freezes {
  /** Who turned the writer off; absent for a writer that is on. */
  readonly writerOff?: Exclude<SwitchState, "on">;
}

/** What keeps a writer from good backups. */
export interface BackupProblem {
  readonly found: string;
  readonly advice: string;
}

/** Reads whether a writer is on. @throws As {@link WriterSwitch.read}. */
export function readSwitch(
  binding: NativeBinding,
  writerId: string,
): Pick<BackupState, "writerOff"> {
  const state = new WriterSwitch(binding, writerId).read();
  return state === "on" ? {} : { writerOff: state };
}

/** Reads how the last freezes of a writer ended; nothing is known without elevation. Never throws. */
export function readFreezes(binding: NativeBinding, writerId: string): Freezes {
  if (!binding.isElevated()) return {};
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

/**
 * Says what keeps a writer from good backups.
 *
 * @param command Returns what a person types for a command of wsb-addin.
 */
export function backupProblems(
  { writerOff, failedFreezes = 0, frozen }: BackupState,
  command: (command: string) => string,
): readonly BackupProblem[] {
  const look = `Look: ${command("log")}`;
  const freezes = failedFreezes === 1 ? "The last freeze" : `The last ${failedFreezes} freezes`;
  const problems: BackupProblem[] = [];
  if (writerOff !== undefined) {
    problems.push({
      found: `The writer is off, because ${offReasons[writerOff]}. Backups do not include its components.`,
      advice: `To turn it on, run: ${command("writer on")}`,
    });
  }
  if (failedFreezes > 0) {
    problems.push({ found: `${freezes} failed, and so did each backup.`, advice: look });
  }
  if (frozen === true) {
    problems.push({
      found:
        "The end of a freeze is not on record: a backup is under way, thaw fails, or the machine restarted in it.",
      advice: look,
    });
  }
  return problems;
}
