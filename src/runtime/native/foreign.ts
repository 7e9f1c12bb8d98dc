/** What is said of files and folders that somebody else could have changed. */
import { WsbError } from "../../base/errors.ts";
import type { Distrust, ForeignPath, NativeBinding } from "./binding.ts";

/** Where a person finds what to do. */
export const DOCUMENT = "docs/security.md says what to do.";

function nameOf(api: Pick<NativeBinding, "accountName">, sid: string): string {
  if (sid === "") return "nobody";
  try {
    const name = api.accountName(sid);
    return name === null ? sid : `${name} (${sid})`;
  } catch {
    return sid;
  }
}

/** Says why a path is not obeyed, as the end of a sentence that begins with it. */
export function reasonText(
  api: Pick<NativeBinding, "accountName">,
  { owner, reason, account }: Distrust,
): string {
  const owned = `belongs to ${nameOf(api, owner)}`;
  switch (reason) {
    case "owner":
      return `${owned} and not to SYSTEM or Administrators`;
    case "access":
      return `can be changed by ${nameOf(api, account)}`;
    case "link":
      return `is a link and ${owned}`;
    case "hardLink":
      return `has a second name elsewhere (a hard link) and ${owned}`;
    case "kind":
      return `is a file where a folder must be, or the other way round, and ${owned}`;
  }
}

export function foreignError(
  api: Pick<NativeBinding, "accountName">,
  foreign: ForeignPath,
): WsbError {
  return new WsbError(
    "ERR_WSB_FOREIGN_FILE",
    `${foreign.path} is not obeyed: it ${reasonText(api, foreign)}. ${DOCUMENT}`,
  );
}

/** Tells whether an error says that a file or folder is not obeyed. */
export function isForeign(error: unknown): boolean {
  return error instanceof WsbError && error.code === "ERR_WSB_FOREIGN_FILE";
}
