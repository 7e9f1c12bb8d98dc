import type { Definition } from "../../../base/document/definition.ts";
import { fields, forms } from "../../../base/document/fields.ts";
import { choice, string } from "../../../base/document/kinds.ts";
import { shared } from "../../../base/document/schema.ts";
import { showComponent } from "../../../base/component.ts";
import { bootTaskName } from "../../registration/boot-task.ts";
import { showKey } from "../../registration/keys.ts";
import type { PartCondition, PlannedParts } from "../../registration/parts.ts";
import type { PlanEntry } from "../../registration/plan.ts";
import type { Drift } from "../../registration/register.ts";
import type { TaskState } from "../../registration/registration-record.ts";
import type { RegistryApi } from "../../registration/registry-api.ts";
import { showValue } from "../../registration/registry-value.ts";
import { sameSlot, type Step } from "../../registration/step.ts";
import { commandLineIn, serviceNameOf } from "../../registration/writer-service.ts";
import { ownCommand } from "../../../base/own-command.ts";
import { open } from "./document.ts";
import { paint } from "./output.ts";

function whyOf(step: Step, plan: readonly PlanEntry[]): string | undefined {
  if (step.kind !== "setValue") return undefined;
  return plan.find((entry) => sameSlot(entry, step))?.why;
}

/** Returns the steps as a diff of the registry: `+` is added, `-` is removed. */
export function showSteps(
  api: RegistryApi,
  steps: readonly Step[],
  plan: readonly PlanEntry[],
): readonly string[] {
  return steps.flatMap((step) => {
    if (step.kind === "createKey") return [paint("green", `+ ${showKey(step.key)}`)];
    if (step.kind === "deleteKey") return [paint("red", `- ${showKey(step.key)}`)];
    const found = api.readRegistryValue(step.key, step.name);
    const why = whyOf(step, plan);
    const name = step.name || "(default)";
    return [
      `  ${showKey(step.key)}`,
      ...(found === null ? [] : [paint("red", `-   ${name} = ${showValue(found)}`)]),
      ...(step.value === null ? [] : [paint("green", `+   ${name} = ${showValue(step.value)}`)]),
      ...(why === undefined ? [] : [paint("dim", `      ${why}`)]),
    ];
  });
}

/** Returns the changes of start-up tasks as {@link showSteps} returns those of the registry. */
export function showTasks(tasks: readonly TaskState[]): readonly string[] {
  return taskDocuments(tasks).map(({ name, change }) =>
    change === "set"
      ? paint("green", `+ start-up task ${name}`)
      : paint("red", `- start-up task ${name}`),
  );
}

const registryKey = shared(
  "registryKey",
  string.about("A key of the registry.", {
    pattern: "^HKLM\\\\",
    examples: ["HKLM\\SOFTWARE\\Classes"],
  }),
);

/** A value that differs from the written one. */
export const driftDefinition: Definition<Drift> = shared(
  "drift",
  fields(
    {
      key: registryKey,
      name: string.about("Empty for the default value."),
      expected: string.about("The written value, for people."),
      found: string.about("The current value, for people."),
    },
    open,
  ).about("A value that differs from the written one."),
);

/** One change of the registry, for `--json`. */
type StepDocument =
  | { readonly kind: "createKey"; readonly key: string }
  | { readonly kind: "deleteKey"; readonly key: string }
  | {
      readonly kind: "setValue";
      readonly key: string;
      readonly name: string;
      readonly before: string;
      readonly after: string;
      readonly why?: string;
    };

/** One change of the registry. */
export const stepDefinition: Definition<StepDocument> = shared(
  "step",
  forms(
    "kind",
    {
      createKey: { key: registryKey },
      deleteKey: { key: registryKey },
      setValue: {
        key: registryKey,
        name: string.about("Empty for the default value."),
        before: string.about("The current value, for people."),
        after: string.about("The new value, for people."),
        why: string.about("Purpose of the value. Absent if it is removed.").optional(),
      },
    },
    open,
  ).about("One change of the registry."),
);

/** Returns the steps for `--json`. */
export function stepDocuments(
  api: RegistryApi,
  steps: readonly Step[],
  plan: readonly PlanEntry[],
): readonly StepDocument[] {
  return steps.map((step) => {
    if (step.kind !== "setValue") return { kind: step.kind, key: showKey(step.key) };
    const { key, name, value } = step;
    const why = whyOf(step, plan);
    return {
      kind: step.kind,
      key: showKey(key),
      name,
      before: showValue(api.readRegistryValue(key, name)),
      after: showValue(value),
      ...(why === undefined ? {} : { why }),
    };
  });
}

/** The change of a declared writer or of a writer's service, for `--json`. */
type PartChangeDocument = "set" | "remove";

/** The change of a declared writer or of a writer's service. */
export const partChangeDefinition: Definition<PartChangeDocument> = choice(["set", "remove"]).about(
  "set: it is created, or replaced.",
);

function partChange({
  change,
}: PlannedParts["declared" | "service"]): PartChangeDocument | undefined {
  if (change === null) return undefined;
  return change.plan === null ? "remove" : "set";
}

/** Returns the changes of a writer for `--json`; nothing for what stays. */
export function partChanges({ declared, service }: PlannedParts): {
  readonly declaredWriter?: PartChangeDocument;
  readonly writerService?: PartChangeDocument;
} {
  const declaredWriter = partChange(declared);
  const writerService = partChange(service);
  return {
    ...(declaredWriter !== undefined && { declaredWriter }),
    ...(writerService !== undefined && { writerService }),
  };
}

function showDeclared({ change }: PlannedParts["declared"], writerId: string): readonly string[] {
  if (change === null) return [];
  const names = change.plan?.express.components.map(({ logicalPath, name }) =>
    showComponent({ logicalPath, componentName: name }),
  );
  return [
    ...(change.before === null ? [] : [paint("red", `- express writer ${writerId}`)]),
    ...(names === undefined
      ? []
      : [paint("green", `+ express writer ${writerId}, components: ${names.join(", ")}`)]),
  ];
}

function showService({ change }: PlannedParts["service"], writerId: string): readonly string[] {
  if (change === null) return [];
  const show = (document: string): string =>
    `service ${serviceNameOf(writerId)}: ${commandLineIn(document)}`;
  return [
    ...(change.before === null ? [] : [paint("red", `- ${show(change.before)}`)]),
    ...(change.written === null ? [] : [paint("green", `+ ${show(change.written)}`)]),
  ];
}

/** Returns the changes of a writer as {@link showSteps} returns those of the registry. */
export function showParts(
  { declared, service }: PlannedParts,
  writerId: string,
): readonly string[] {
  return [...showDeclared(declared, writerId), ...showService(service, writerId)];
}

/** The state of a declared writer in Windows' store. */
export const declaredWriterDefinition: Definition<PartCondition> = choice([
  "registered",
  "missing",
  "changed",
]).about(
  "The declared writer in Windows' store; absent when none is expected. changed: another program has changed its metadata document.",
);

/** The state of a writer's service; `outdated`: it runs what was there before the last build. */
type ServiceCondition = PartCondition | "stopped" | "outdated";

/** The state of a writer's service. */
export const writerServiceDefinition: Definition<ServiceCondition> = choice([
  "registered",
  "missing",
  "changed",
  "stopped",
  "outdated",
]).about(
  "The service of the writer; absent when none is expected. registered: it runs; changed: another program has changed what it runs; outdated: it runs what was there before the last build.",
);

const declaredTexts: Readonly<Record<PartCondition, string | undefined>> = {
  registered: undefined,
  missing:
    "The declared writer is missing from Windows' store, so no backup contains the application.",
  changed: "Another program has changed the metadata document of the declared writer.",
};

const serviceTexts: Readonly<Record<ServiceCondition, ((name: string) => string) | undefined>> = {
  registered: undefined,
  missing: (name) =>
    `The writer's service ${name} is missing, so no backup contains the application.`,
  changed: (name) => `Another program has changed the writer's service ${name}.`,
  stopped: (name) =>
    `The writer's service ${name} does not run, so no backup contains the application. To start it, run: ${ownCommand("register")}`,
  outdated: (name) =>
    `The writer's service ${name} was started before the last build. To start it again, run: ${ownCommand("register")}`,
};

/** Says what is wrong with the writer of a registration. */
export function describeWriter({
  writerId,
  declaredWriter,
  writerService,
}: {
  readonly writerId: string;
  readonly declaredWriter?: PartCondition | undefined;
  readonly writerService?: ServiceCondition | undefined;
}): readonly string[] {
  const texts = [
    declaredTexts[declaredWriter ?? "registered"],
    serviceTexts[writerService ?? "registered"]?.(serviceNameOf(writerId)),
  ];
  return texts.filter((text) => text !== undefined);
}

/** One change of a start-up task, for `--json`. */
interface TaskDocument {
  readonly name: string;
  readonly change: "set" | "remove";
}

/** One change of a start-up task. */
export const taskDefinition: Definition<TaskDocument> = shared(
  "startUpTask",
  fields(
    {
      name: string.about("Name of the scheduled task."),
      change: choice(["set", "remove"]).about("set: it is created, or replaced."),
    },
    open,
  ).about("One change of a start-up task."),
);

/** Returns the changes of start-up tasks for `--json`. */
export function taskDocuments(tasks: readonly TaskState[]): readonly TaskDocument[] {
  return tasks.map(({ clsid, xml }) => ({
    name: bootTaskName(clsid),
    change: xml === null ? "remove" : "set",
  }));
}
