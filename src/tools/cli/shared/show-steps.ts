import type { Definition } from "../../../base/document/definition.ts";
import { fields, forms } from "../../../base/document/fields.ts";
import { choice, string } from "../../../base/document/kinds.ts";
import { shared } from "../../../base/document/schema.ts";
import { showComponent } from "../../../base/component.ts";
import { bootTaskName } from "../../registration/boot-task.ts";
import { showKey } from "../../registration/keys.ts";
import type { PlanEntry } from "../../registration/plan.ts";
import type { DeclaredWriterState, Drift } from "../../registration/register.ts";
import type { TaskState } from "../../registration/registration-record.ts";
import type { RegistryApi } from "../../registration/registry-api.ts";
import { showValue } from "../../registration/registry-value.ts";
import { sameSlot, type Step } from "../../registration/step.ts";
import type { PlannedWriter } from "../../registration/writer-change.ts";
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

/** The change of a declared writer, for `--json`. */
type WriterChangeDocument = "set" | "remove";

/** The change of a declared writer. */
export const writerChangeDefinition: Definition<WriterChangeDocument> = choice([
  "set",
  "remove",
]).about("set: the express writer is registered, or registered anew.");

/** Returns the change of a declared writer for `--json`; nothing when it stays. */
export function writerChangeDocument({ change }: PlannedWriter): {
  readonly declaredWriter?: WriterChangeDocument;
} {
  if (change === null) return {};
  return { declaredWriter: change.plan === null ? "remove" : "set" };
}

/** Returns the change of a declared writer as {@link showSteps} returns those of the registry. */
export function showWriterChange(planned: PlannedWriter, writerId: string): readonly string[] {
  const { change } = planned;
  if (change === null) return [];
  if (change.plan === null) return [paint("red", `- express writer ${writerId}`)];
  const names = change.plan.express.components.map(({ logicalPath, name }) =>
    showComponent({ logicalPath, componentName: name }),
  );
  return [
    ...(change.before === null ? [] : [paint("red", `- express writer ${writerId}`)]),
    paint("green", `+ express writer ${writerId}, components: ${names.join(", ")}`),
  ];
}

/** The state of a declared writer in Windows' store. */
export const declaredWriterDefinition: Definition<DeclaredWriterState> = choice([
  "registered",
  "missing",
  "changed",
]).about(
  "The declared writer in Windows' store; absent when none is expected. changed: another program has changed its metadata document.",
);

/** Describes a declared writer that is not as it was registered. */
export function describeDeclaredWriter(state: DeclaredWriterState): readonly string[] {
  switch (state) {
    case "registered":
      return [];
    case "missing":
      return [
        "The declared writer is missing from Windows' store, so no backup contains the application.",
      ];
    case "changed":
      return ["Another program has changed the metadata document of the declared writer."];
  }
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
