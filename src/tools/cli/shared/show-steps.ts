import { showKey } from "../../registration/keys.ts";
import type { PlanEntry } from "../../registration/plan.ts";
import type { RegistryApi } from "../../registration/registry-api.ts";
import { showValue } from "../../registration/registry-value.ts";
import { sameSlot, type Step } from "../../registration/step.ts";
import { paint } from "./output.ts";

function whyOf(step: Step, plan: readonly PlanEntry[]): string | undefined {
  if (step.kind !== "setValue") return undefined;
  return plan.find((entry) => sameSlot(entry, step))?.why;
}

/** Steps as a difference to the machine: `+` comes, `-` goes. */
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

/** Steps for `--json`. */
export function stepDocuments(
  api: RegistryApi,
  steps: readonly Step[],
  plan: readonly PlanEntry[],
): readonly object[] {
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
