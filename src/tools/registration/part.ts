import { WsbError } from "../../base/errors.ts";
import { ownCommand } from "../../base/own-command.ts";
import type { ReportKept } from "./step.ts";

/** What a part is to be: a document that describes it completely. */
export interface PartPlan {
  readonly document: string;
}

/**
 * Something besides registry and start-up tasks of which a registration may own one: an express writer
 * in Windows' store, or a service. It is as its document says, or it is not there.
 */
export interface Part<Plan extends PartPlan> {
  /** What it is, for the middle of a sentence. */
  readonly name: (writerId: string) => string;
  /** Returns the document of what is there; `null` for none. */
  readonly read: (writerId: string) => string | null;
  readonly isSame: (one: string | null, other: string | null) => boolean;
  readonly add: (writerId: string, plan: Plan) => Promise<void>;
  /** Adds what {@link Part.read} has described. */
  readonly putBack: (writerId: string, document: string) => Promise<void>;
  /** Removing what is not there succeeds. */
  readonly remove: (writerId: string) => Promise<void>;
}

/** The documents of a part before and after a change; `null` for none. */
export interface PartState {
  readonly before: string | null;
  readonly written: string | null;
}

/** A planned change of a part. */
export interface PartChange<Plan extends PartPlan> extends PartState {
  /** `null` to remove it only. */
  readonly plan: Plan | null;
}

/** What a registration does with a part. */
export interface PlannedPart<Plan extends PartPlan> {
  /** `null` when the part already is as it must be. */
  readonly change: PartChange<Plan> | null;
  /** The document that the registration owns afterwards; `null` for none. */
  readonly owned: string | null;
  /** What stays because somebody else has changed it. */
  readonly kept: readonly string[];
}

/** Whose part it is. */
export interface PartOf<Plan extends PartPlan> {
  readonly part: Part<Plan>;
  readonly writerId: string;
}

function showKeptPart<Plan extends PartPlan>({ part, writerId }: PartOf<Plan>): string {
  return `the ${part.name(writerId)}, which another program has changed`;
}

/** Plans the removal of the part that a registration owns, unless it was changed since. */
export function planPartRemoval<Plan extends PartPlan>(
  of: PartOf<Plan>,
  owned: string | null,
): PlannedPart<Plan> {
  if (owned === null) return { change: null, owned: null, kept: [] };
  const before = of.part.read(of.writerId);
  if (before === null) return { change: null, owned: null, kept: [] };
  return of.part.isSame(before, owned)
    ? { change: { before, written: null, plan: null }, owned: null, kept: [] }
    : { change: null, owned: null, kept: [showKeptPart(of)] };
}

/**
 * Plans the way from the part that a registration owns to the one of a plan. Look for the part of
 * another program first.
 *
 * @param plan `null` when the manifest has no such part (any more); `undefined` leaves it as it is.
 */
export function planPart<Plan extends PartPlan>(
  of: PartOf<Plan>,
  { plan, owned }: { readonly plan: Plan | null | undefined; readonly owned: string | null },
): PlannedPart<Plan> {
  if (plan === undefined) return { change: null, owned, kept: [] };
  if (plan === null) return planPartRemoval(of, owned);
  const before = of.part.read(of.writerId);
  const { document } = plan;
  if (of.part.isSame(before, document)) return { change: null, owned: document, kept: [] };
  return { change: { before, written: document, plan }, owned: document, kept: [] };
}

/**
 * Makes a change; Windows has no step that replaces a part.
 *
 * @throws {@link WsbError} `ERR_WSB_CONFLICT` when another program has changed the part since.
 */
export async function changePart<Plan extends PartPlan>(
  of: PartOf<Plan>,
  {
    change: { before, plan },
    onKept,
  }: { readonly change: PartChange<Plan>; readonly onKept: ReportKept },
): Promise<void> {
  const { part, writerId } = of;
  const found = part.read(writerId);
  if (found !== null && !part.isSame(found, before)) {
    if (plan !== null) {
      throw new WsbError(
        "ERR_WSB_CONFLICT",
        `Another program has changed the ${part.name(writerId)} meanwhile. Run the command again.`,
      );
    }
    onKept(showKeptPart(of));
    return;
  }
  if (found !== null) await part.remove(writerId);
  if (plan === null) return;
  await part.add(writerId, plan);
  if (part.isSame(part.read(writerId), plan.document)) return;
  // Here, because an undo would take it for the part of another program.
  await part.remove(writerId);
  throw new WsbError(
    "ERR_WSB_WINDOWS_API",
    `Windows reports success, but does not show the ${part.name(writerId)} as it was registered. Report it with the output of: ${ownCommand("writer show")}`,
  );
}

/** Restores a part from before a change, unless somebody else has changed it since. */
export async function putBackPart<Plan extends PartPlan>(
  of: PartOf<Plan>,
  { before, written }: PartState,
  onKept: ReportKept,
): Promise<void> {
  const { part, writerId } = of;
  const found = part.read(writerId);
  if (part.isSame(found, before)) return;
  if (found !== null && !part.isSame(found, written)) {
    onKept(showKeptPart(of));
    return;
  }
  if (found !== null) await part.remove(writerId);
  if (before !== null) await part.putBack(writerId, before);
}
