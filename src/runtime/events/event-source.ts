/** What a source's name is made from; a manifest has it. */
export interface SourceOwner {
  readonly applicationIdentifier: string;
  readonly writerId: string;
}

// The application's own name may be a source of its own.
const SUFFIX = " (wsb-addin)";
// A registry key's name has at most 255 characters; this leaves room for what is added.
const MAX_BASE = 200;

/** Characters with a meaning in a registry path, a script or an installer's tables. */
const UNFIT = /[^\p{L}\p{M}\p{N} ._()-]/gu;

function cut(text: string): string {
  return text.slice(0, MAX_BASE).replace(/[\uD800-\uDBFF]$/u, "");
}

/**
 * Name of an add-in's source in the Windows event log: the Application Identifier, which is unique
 * on the machine, and who writes there.
 *
 * Where the identifier does not fit into the name of a key as it is, the beginning of the writer's
 * id keeps it apart from others.
 */
export function eventSource({ applicationIdentifier, writerId }: SourceOwner): string {
  const base = cut(applicationIdentifier.replaceAll(UNFIT, "-"));
  const isWhole = base === applicationIdentifier;
  return `${isWhole ? base : `${base} ${writerId.slice(1, 9)}`}${SUFFIX}`;
}
