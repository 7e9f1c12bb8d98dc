import { WsbError } from "../../base/errors.ts";
import { ownCommand } from "../../base/own-command.ts";
import type { DeclaredPlan } from "../writer/declared.ts";
import { describeForeignWriter, type ExpressWriters } from "../writer/express-writers.ts";
import { sameDocument } from "../writer/same-document.ts";
import type { ReportKept } from "./step.ts";

/** The metadata documents of an express writer before and after a change; `null` for none. */
export interface WriterState {
  readonly before: string | null;
  readonly written: string | null;
}

/** A planned change of a writer's express registration. */
export interface WriterChange extends WriterState {
  /** The writer to register; `null` to remove it only. */
  readonly plan: DeclaredPlan | null;
}

/** What a registration does with its express writer. */
export interface PlannedWriter {
  /** `null` when Windows' store already is as it must be. */
  readonly change: WriterChange | null;
  /** The document that the registration owns afterwards; `null` for none. */
  readonly owned: string | null;
  /** What stays because somebody else has changed it. */
  readonly kept: readonly string[];
}

/** Says what somebody else has put into Windows' store. */
function showKeptWriter(writerId: string): string {
  return `the express writer ${writerId}, whose metadata document another program has changed`;
}

/** Plans the removal of the document that a registration owns, unless it was changed since. */
export function planWriterRemoval(
  writers: Pick<ExpressWriters, "read">,
  writerId: string,
  owned: string | null,
): PlannedWriter {
  if (owned === null) return { change: null, owned: null, kept: [] };
  const before = writers.read(writerId);
  if (before === null) return { change: null, owned: null, kept: [] };
  return sameDocument(before, owned)
    ? { change: { before, written: null, plan: null }, owned: null, kept: [] }
    : { change: null, owned: null, kept: [showKeptWriter(writerId)] };
}

/**
 * Plans the way from the document that a registration owns to the one of a plan. Look for the writer of
 * another program first.
 *
 * @param plan `null` when the manifest declares no writer (any more); `undefined` leaves the writer
 * as it is.
 */
export function planWriter(
  writers: Pick<ExpressWriters, "read">,
  writerId: string,
  {
    plan,
    owned,
  }: { readonly plan: DeclaredPlan | null | undefined; readonly owned: string | null },
): PlannedWriter {
  if (plan === undefined) return { change: null, owned, kept: [] };
  if (plan === null) return planWriterRemoval(writers, writerId, owned);
  const before = writers.read(writerId);
  const { document } = plan;
  if (sameDocument(before, document)) return { change: null, owned: document, kept: [] };
  return { change: { before, written: document, plan }, owned: document, kept: [] };
}

/**
 * Makes a change; Windows has no step that replaces a document.
 *
 * @throws {@link WsbError} `ERR_WSB_CONFLICT` when another program has registered the writer since.
 */
export async function changeWriter(
  writers: ExpressWriters,
  writerId: string,
  {
    change: { before, plan },
    onKept,
  }: { readonly change: WriterChange; readonly onKept: ReportKept },
): Promise<void> {
  const found = writers.read(writerId);
  if (found !== null && !sameDocument(found, before)) {
    if (plan !== null) {
      throw new WsbError(
        "ERR_WSB_CONFLICT",
        `${describeForeignWriter(writerId)} Run the command again.`,
      );
    }
    onKept(showKeptWriter(writerId));
    return;
  }
  if (found !== null) await writers.unregister(writerId);
  if (plan === null) return;
  await writers.register(plan.express);
  if (sameDocument(writers.read(writerId), plan.document)) return;
  // Here, because an undo would take it for the writer of another program.
  await writers.unregister(writerId);
  throw new WsbError(
    "ERR_WSB_WINDOWS_API",
    `VSS has registered the express writer ${writerId}, but Windows' store does not show what was registered. Report it with the output of: ${ownCommand("writer show")}`,
  );
}

/** Restores the document from before a change, unless somebody else has changed it since. */
export async function putBackWriter(
  writers: ExpressWriters,
  writerId: string,
  { before, written }: WriterState,
  onKept: ReportKept,
): Promise<void> {
  const found = writers.read(writerId);
  if (sameDocument(found, before)) return;
  if (found !== null && !sameDocument(found, written)) {
    onKept(showKeptWriter(writerId));
    return;
  }
  if (found !== null) await writers.unregister(writerId);
  if (before !== null) await writers.registerDocument(writerId, before);
}
