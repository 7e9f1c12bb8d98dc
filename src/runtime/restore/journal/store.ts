import type { SessionOutcome } from "../../events/definitions.ts";
import type { Session } from "./session.ts";
import type { Change, JournalService, Opened } from "./step.ts";

/** The journal of a session that is open, and the session that it tells of. The lock must be held. */
export interface OpenJournal {
  readonly session: Session;
  /**
   * Reserves room for everything that must still be written of the session.
   *
   * @throws {@link WsbError} `ERR_WSB_JOURNAL` when the disk is full.
   */
  reserve(): void;
  /**
   * Records changes; they are on the disk when it returns. No changes are no step.
   *
   * @throws {@link WsbError} `ERR_WSB_JOURNAL`; nothing has changed then.
   */
  write(changes: readonly Change[]): void;
  /** As {@link write}, where a failure must not hold up a start: it becomes an event. */
  writeIfPossible(changes: readonly Change[]): void;
  /**
   * Makes the session's mark name exactly these services: other add-ins see that they are needed
   * stopped here, and started from here.
   *
   * @throws {@link WsbError} `ERR_WSB_WINDOWS_API` or `ERR_WSB_ACCESS_DENIED`.
   */
  mark(services: readonly JournalService[]): void;
  /** As {@link mark}, where a failure must not hold anything up: it becomes an event. */
  markIfPossible(services: readonly JournalService[]): void;
  /** Ends journal and mark. What fails becomes an event, and is tried again by whoever comes next. */
  end(outcome: SessionOutcome): void;
}

/** Where the journal of one add-in is kept. */
export interface JournalStore {
  /** Path, for messages. */
  readonly file: string;
  /** The session that this process last knew to be open. */
  readonly sessionId: string | undefined;
  /**
   * Opens the journal of the open session; `undefined` when there is none. The lock must be held.
   * One that no mark names is reported, set aside, and not obeyed. The session of a damaged one says
   * so in its `damage`.
   *
   * @throws {@link WsbError} `ERR_WSB_JOURNAL` when it cannot be read.
   */
  open(): OpenJournal | undefined;
  /** Reads what {@link open} would open, without the lock; changes nothing. */
  peek(): Session | undefined;
  /**
   * Begins a session with services that have not been asked to stop yet.
   *
   * @throws {@link WsbError} `ERR_WSB_JOURNAL`, and those of {@link OpenJournal.mark}; there is no
   * session then.
   */
  begin(opened: Opened, services: readonly JournalService[]): OpenJournal;
}
