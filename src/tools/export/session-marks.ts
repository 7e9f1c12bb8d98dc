import type { Manifest } from "../../runtime/manifest/manifest.ts";
import { markKey } from "../../runtime/restore/journal/mark.ts";

/** What scripts say while a restore session is open; without characters that cmd.exe reads. */
export const SESSION_IS_OPEN =
  "A restore session of this add-in is open; nothing was changed. Let the restore end, or, if it was interrupted, run: wsb-addin recover";

/** The comment of files that cannot look for an open session. */
export const CANNOT_REFUSE: readonly string[] = [
  "This file cannot see whether a restore session of the add-in is open.",
  "Before you use it, run: wsb-addin recover",
  "It refuses while a restore is in progress.",
];

/** The mark's key of the class that a plan registers; the registered class may be another. */
export function plannedMarks({ addin }: Manifest): readonly string[] {
  return addin === undefined ? [] : [markKey(addin.clsid)];
}
