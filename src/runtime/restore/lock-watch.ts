import type { Clock } from "../../base/clock.ts";
import { errorText, windowsError } from "../../base/errors.ts";
import { showProcess } from "../../base/process-identity.ts";
import type { Emit } from "../events/emit.ts";
import type { NativeBinding } from "../native/binding.ts";
import { readProtected, type InspectionApi } from "../native/protected-file.ts";
import { parseOwner, type LockOwner } from "./lock-owner.ts";

export interface LockWatchOptions {
  readonly api: InspectionApi & Pick<NativeBinding, "endProcess">;
  readonly emit: Emit;
  readonly clock: Clock;
  /** The lock that this process waits for. */
  readonly file: string;
  /** This process. */
  readonly self: LockOwner;
  /** Whether an owner that hangs is ended; otherwise it is only waited for. */
  readonly mayEndOwner: boolean;
  /** How long an owner may show no sign of life, in milliseconds. */
  readonly silenceLimitMs: number;
  /** The longest time between two looks, in milliseconds. */
  readonly lookMs: number;
}

/** A watch on the owner of a lock, for a process that waits for it. */
export interface LockWatch {
  /** Says whom this process waits for, now and then, and ends an owner that hangs. */
  look(): Promise<void>;
  /** Describes who has the lock, and why it was not ended. */
  describe(): string;
}

const FIRST_REPORT_MS = 2000;
const REPORT_EVERY_MS = 10_000;

export function watchLock(options: LockWatchOptions): LockWatch {
  const { emit, clock, self, mayEndOwner, silenceLimitMs } = options;
  const startedAt = clock.now();
  const measure = createSilenceMeter(options);
  let owner: LockOwner | undefined;
  let reportAtMs = FIRST_REPORT_MS;
  let failure: string | undefined;

  function report(): void {
    const waitedMs = Math.round(clock.now() - startedAt);
    if (waitedMs < reportAtMs) return;
    reportAtMs = waitedMs + REPORT_EVERY_MS;
    emit({ event: "lockAwaited", ...fieldsOf(owner), waitedMs });
  }

  async function endOwner(hanging: LockOwner, silentMs: number): Promise<void> {
    try {
      // It is gone already, or it has ended by itself: the lock is free.
      if (!(await options.api.endProcess(hanging.pid, hanging.startedAt))) return;
      const { pid, image, doing } = hanging;
      emit({ event: "lockOwnerEnded", ownerPid: pid, ownerImage: image, doing, silentMs });
    } catch (error) {
      const isFirst = failure === undefined;
      failure = cannotEnd(hanging, error);
      if (isFirst) emit({ event: "message", level: "error", text: failure });
    }
  }

  return {
    async look() {
      const record = readRecord(options);
      const silentMs = measure(record);
      owner = parseOwner(record);
      report();
      if (owner === undefined || owner.pid === self.pid || !mayEndOwner) return;
      if (silentMs < silenceLimitMs) return;
      measure("");
      await endOwner(owner, Math.round(silentMs));
    },
    describe: () => failure ?? hasTheLock(owner, options.file),
  };
}

/** Measures how long a record has not changed. */
function createSilenceMeter({ clock, lookMs }: LockWatchOptions): (record: string) => number {
  let last = "";
  let silentMs = 0;
  let lookedAt = clock.now();
  return (record) => {
    const now = clock.now();
    // While the machine slept, the owner slept too: that time is no silence.
    silentMs = record === last ? silentMs + Math.min(now - lookedAt, 2 * lookMs) : 0;
    last = record;
    lookedAt = now;
    return silentMs;
  };
}

// Ten times the longest record.
const MAX_RECORD_BYTES = 1024 * 1024;

/**
 * Reads a lock file; `""` when it has gone, cannot be read, or somebody else could have written whom to
 * end.
 */
function readRecord({ api, file }: { readonly api: InspectionApi; readonly file: string }): string {
  try {
    const record = readProtected(api, file, MAX_RECORD_BYTES) ?? new Uint8Array();
    return Buffer.from(record).toString("utf8");
  } catch {
    return "";
  }
}

function fieldsOf(owner: LockOwner | undefined): {
  readonly ownerPid?: number;
  readonly ownerImage?: string;
  readonly doing?: string;
} {
  if (owner === undefined) return {};
  return { ownerPid: owner.pid, ownerImage: owner.image, doing: owner.doing };
}

function showOwner(owner: LockOwner | undefined): string {
  return owner === undefined ? "Another process" : showProcess(owner);
}

function hasTheLock(owner: LockOwner | undefined, file: string): string {
  return `${showOwner(owner)} has the lock ${file}.`;
}

/** Describes who has a lock now. */
export function describeOwner(api: InspectionApi, file: string): string {
  return hasTheLock(parseOwner(readRecord({ api, file })), file);
}

function cannotEnd(owner: LockOwner, error: unknown): string {
  const what = `Cannot end ${showProcess(owner)}, which hangs and has the lock of the services`;
  return errorText(windowsError(what, "End it, or restart the machine.", error));
}
