/** Parts of journals, as tests write them. */
import type { ProcessIdentity } from "../../src/base/process-identity.ts";
import {
  JOURNAL_VERSION,
  type JournalService,
  type Opened,
} from "../../src/runtime/restore/journal/step.ts";
import { settingsWith } from "./fakes/session-bed.ts";
import { CLSID } from "./manifest.ts";

export const server: ProcessIdentity = { pid: 1, startedAt: "133", image: "C:\\node.exe" };

/** The change that opens a session. */
export function opened(sessionId = "one", clsid = CLSID): Opened {
  return {
    type: "opened",
    version: JOURNAL_VERSION,
    sessionId,
    clsid,
    server,
    settings: settingsWith(),
  };
}

/** A service that ran and was asked to stop. */
export function journalService(
  name: string,
  changes: Partial<JournalService> = {},
): JournalService {
  return {
    name,
    stateBefore: "RUNNING",
    startTypeBefore: "automatic",
    delayedStartBefore: false,
    isDependent: false,
    phase: "stopping",
    ...changes,
  };
}
