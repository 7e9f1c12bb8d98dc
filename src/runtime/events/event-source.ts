/** The fields of a manifest that make the name of its event source. */
export interface SourceOwner {
  readonly applicationIdentifier: string;
  readonly writerId: string;
}

// The application may have an event source under its own name.
const SUFFIX = " (wsb-addin)";
// The name of a registry key has at most 255 characters; this leaves room for the suffixes.
const MAX_BASE = 200;

/** The characters that are special in a registry path, a script or an installer's tables. */
const UNFIT = /[^\p{L}\p{M}\p{N} ._()-]/gu;

function cut(text: string): string {
  return text.slice(0, MAX_BASE).replace(/[\uD800-\uDBFF]$/u, "");
}

/**
 * Returns the name of an add-in's source in the Windows event log: the Application Identifier,
 * which is unique on the machine, and a suffix that names the kit.
 *
 * If the identifier had to be changed to fit into a key's name, the start of the writer's id makes
 * the name unique again.
 */
export function eventSource({ applicationIdentifier, writerId }: SourceOwner): string {
  const base = cut(applicationIdentifier.replaceAll(UNFIT, "-"));
  const isWhole = base === applicationIdentifier;
  return `${isWhole ? base : `${base} ${writerId.slice(1, 9)}`}${SUFFIX}`;
}
