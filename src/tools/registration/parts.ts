/** The parts of a registration besides registry and start-up tasks. */
import type { DeclaredPlan } from "../writer/declared.ts";
import type { ExpressWriters } from "../writer/express-writers.ts";
import { sameDocument } from "../writer/same-document.ts";
import {
  changePart,
  planPart,
  planPartRemoval,
  putBackPart,
  type Part,
  type PartOf,
  type PartPlan,
  type PartState,
  type PlannedPart,
} from "./part.ts";
import type { ReportKept } from "./step.ts";
import { serviceNameOf, type ServicePlan, type WriterServices } from "./writer-service.ts";

/** The writers of a machine. */
export interface Writers {
  readonly writers: ExpressWriters;
  readonly services: WriterServices;
}

/** The documents of the parts that a registration owns. */
export interface OwnedParts {
  /** The metadata document of the declared writer. */
  readonly document?: string;
  /** The service of the writer. */
  readonly service?: string;
}

/** The parts that a change of a registration changes, before and after it. */
export interface PartStates {
  readonly writer?: PartState;
  readonly service?: PartState;
}

/** The parts that a registration is to have; one that is absent stays as it is, `null` is for none. */
export interface WantedParts {
  readonly declared?: DeclaredPlan | null;
  readonly service?: ServicePlan | null;
}

/** What a registration does with its parts. */
export interface PlannedParts {
  readonly declared: PlannedPart<DeclaredPlan>;
  readonly service: PlannedPart<ServicePlan>;
}

/** An express writer is compared by its contents: Windows formats its document as it likes. */
function expressPart(writers: ExpressWriters): Part<DeclaredPlan> {
  return {
    name: (writerId) => `express writer ${writerId}`,
    read: (writerId) => writers.read(writerId),
    isSame: sameDocument,
    add: (_writerId, { express }) => writers.register(express),
    putBack: (writerId, document) => writers.registerDocument(writerId, document),
    remove: (writerId) => writers.unregister(writerId),
  };
}

function servicePart(services: WriterServices): Part<ServicePlan> {
  return {
    name: (writerId) => `service ${serviceNameOf(writerId)}`,
    read: (writerId) => services.read(writerId),
    isSame: (one, other) => one === other,
    add: (writerId, { document }) => services.install(writerId, document),
    putBack: (writerId, document) => services.install(writerId, document),
    remove: (writerId) => services.remove(writerId),
  };
}

/** The parts of a writer. */
interface Parts {
  readonly declared: PartOf<DeclaredPlan>;
  readonly service: PartOf<ServicePlan>;
}

function partsOf(machine: Writers, writerId: string): Parts {
  return {
    declared: { part: expressPart(machine.writers), writerId },
    service: { part: servicePart(machine.services), writerId },
  };
}

/** Plans the way from the owned parts to the wanted ones; changes nothing. */
export function planParts(
  machine: Writers,
  writerId: string,
  { wanted, owned }: { readonly wanted: WantedParts; readonly owned: OwnedParts | null },
): PlannedParts {
  const parts = partsOf(machine, writerId);
  return {
    declared: planPart(parts.declared, {
      plan: wanted.declared,
      owned: owned?.document ?? null,
    }),
    service: planPart(parts.service, { plan: wanted.service, owned: owned?.service ?? null }),
  };
}

/** Plans the removal of the owned parts; changes nothing. */
export function planPartsRemoval(
  machine: Writers,
  writerId: string,
  owned: OwnedParts,
): PlannedParts {
  const parts = partsOf(machine, writerId);
  return {
    declared: planPartRemoval(parts.declared, owned.document ?? null),
    service: planPartRemoval(parts.service, owned.service ?? null),
  };
}

/** A part on the machine, compared with its document; `changed`: by another program. */
export type PartCondition = "registered" | "missing" | "changed";

/** The conditions of the parts; absent where none is expected. */
export interface PartConditions {
  readonly declaredWriter?: PartCondition;
  readonly writerService?: PartCondition;
}

function conditionOf<Plan extends PartPlan>(
  { part, writerId }: PartOf<Plan>,
  document: string,
): PartCondition {
  const found = part.read(writerId);
  if (found === null) return "missing";
  return part.isSame(found, document) ? "registered" : "changed";
}

/** Compares the machine with the parts that a registration owns. */
export function inspectParts(
  machine: Writers,
  writerId: string,
  { document, service }: OwnedParts,
): PartConditions {
  const parts = partsOf(machine, writerId);
  return {
    ...(document !== undefined && { declaredWriter: conditionOf(parts.declared, document) }),
    ...(service !== undefined && { writerService: conditionOf(parts.service, service) }),
  };
}

/** Returns those of the parts that are on the machine as they must be; `null` for none. */
export function standingParts(
  machine: Writers,
  writerId: string,
  owned: OwnedParts,
): OwnedParts | null {
  const { document, service } = owned;
  const { declaredWriter, writerService } = inspectParts(machine, writerId, owned);
  const isDeclared = document !== undefined && declaredWriter === "registered";
  const isService = service !== undefined && writerService === "registered";
  if (!isDeclared && !isService) return null;
  return { ...(isDeclared && { document }), ...(isService && { service }) };
}

/** Returns what the registration owns after a change. */
export function ownedAfter({ declared, service }: PlannedParts): OwnedParts {
  return {
    ...(declared.owned !== null && { document: declared.owned }),
    ...(service.owned !== null && { service: service.owned }),
  };
}

function stateOf<Plan extends PartPlan>({ change }: PlannedPart<Plan>): PartState | undefined {
  return change === null ? undefined : { before: change.before, written: change.written };
}

/** Returns the part of an undo record about the parts that a change changes. */
export function partStates({ declared, service }: PlannedParts): PartStates {
  const writer = stateOf(declared);
  const states = stateOf(service);
  return {
    ...(writer !== undefined && { writer }),
    ...(states !== undefined && { service: states }),
  };
}

export function isChange({ declared, service }: PlannedParts): boolean {
  return declared.change !== null || service.change !== null;
}

export function keptParts({ declared, service }: PlannedParts): readonly string[] {
  return [...declared.kept, ...service.kept];
}

async function take<Plan extends PartPlan>(
  of: PartOf<Plan>,
  planned: PlannedPart<Plan>,
  onKept: ReportKept,
): Promise<void> {
  if (planned.change !== null) await changePart(of, { change: planned.change, onKept });
}

/**
 * Changes the parts. Of a writer that becomes one of another kind, the old one goes first: two writers
 * of one id would both be in backups.
 *
 * @throws As {@link changePart}.
 */
export async function changeParts(
  machine: Writers,
  writerId: string,
  { planned, onKept }: { readonly planned: PlannedParts; readonly onKept: ReportKept },
): Promise<void> {
  const parts = partsOf(machine, writerId);
  const declared = (): Promise<void> => take(parts.declared, planned.declared, onKept);
  const service = (): Promise<void> => take(parts.service, planned.service, onKept);
  const isServiceFirst = planned.service.change?.plan === null;
  for (const work of isServiceFirst ? [service, declared] : [declared, service]) await work();
}

/** Returns the steps that put the parts back; each can fail by itself. */
export function partsToPutBack(
  machine: Writers,
  writerId: string,
  {
    states: { writer, service },
    onKept,
  }: { readonly states: PartStates; readonly onKept: ReportKept },
): readonly (() => Promise<void>)[] {
  const parts = partsOf(machine, writerId);
  return [
    ...(writer === undefined ? [] : [() => putBackPart(parts.declared, writer, onKept)]),
    ...(service === undefined
      ? []
      : [
          async () => {
            const { part } = parts.service;
            await putBackPart(parts.service, service, onKept);
            // The change may have stopped it and done nothing else. Another program's stays as it is.
            const isBack =
              service.before !== null && part.isSame(part.read(writerId), service.before);
            if (isBack) await machine.services.start(writerId);
          },
        ]),
  ];
}
