import type { ServiceDescription } from "../../../runtime/native/binding.ts";
import { bootTaskName, needsBootTask, readBootTask } from "../../registration/boot-task.ts";
import { notApplicable, notVisible, ok, type AddinCheck, type Finding } from "../check.ts";
import { serviceProblem } from "./service-problem.ts";

/** What is known of the start-up task of an add-in. */
export interface TaskFacts {
  readonly name: string;
  /** Its definition as the task scheduler keeps it; `null` if there is none. */
  readonly xml: string | null;
  /** The service of the task scheduler. */
  readonly scheduler: ServiceDescription | null;
  /** The program that it must start; `undefined` where the scheduler does not keep it. */
  readonly program: string | undefined;
}

const entities: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&apos;": "'",
};

function commandOf(xml: string): string | undefined {
  const text = /<Command>\s*(?<command>[^<]*?)\s*<\/Command>/iu.exec(xml)?.groups?.["command"];
  return text?.replaceAll(/&(?:amp|lt|gt|quot|apos|#39);/gu, (one) => entities[one] ?? one);
}

function samePath(one: string, other: string): boolean {
  return one.replace(/^"|"$/gu, "").toUpperCase() === other.toUpperCase();
}

/** Decides whether the start-up task would recover an interrupted restore. */
export function judgeTask(
  { name, xml, scheduler, program }: TaskFacts,
  command: (command: string) => string,
): Finding {
  const create = `Run from an elevated prompt: ${command("boot-recovery on")}`;
  if (xml === null) {
    return { verdict: "warn", found: `There is no start-up task "${name}".`, advice: create };
  }
  const problem = serviceProblem(scheduler);
  if (problem !== undefined) {
    return {
      verdict: "fail",
      found: `The service Schedule of the task scheduler ${problem}.`,
      advice: "Enable the Task Scheduler, on which Windows itself depends.",
    };
  }
  // A trigger and the task as a whole can be disabled.
  if (/<Enabled>\s*false\s*<\/Enabled>/iu.test(xml)) {
    return {
      verdict: "fail",
      found: `The start-up task "${name}" is disabled.`,
      advice: create,
    };
  }
  const started = commandOf(xml);
  if (program !== undefined && (started === undefined || !samePath(started, program))) {
    return {
      verdict: "fail",
      found: `The start-up task "${name}" starts ${started ?? "nothing"}, but the registered program is ${program}.`,
      advice: create,
    };
  }
  return ok(
    program === undefined
      ? "The start-up task is enabled."
      : "The start-up task is enabled and starts the registered program.",
  );
}

export const bootTaskCheck: AddinCheck = {
  id: "boot-task",
  title: "Start-up task enabled",
  why: "After a power cut during a restore, only this task ends the session, or says what stays stopped.",
  about: "application",
  needsAddin: true,
  run: async ({ manifest, clsid = "", installation, command }, { api }) => {
    if (installation === undefined || manifest === undefined) {
      return notApplicable("No add-in of wsb-addin is registered.");
    }
    if (!needsBootTask(manifest)) return notApplicable("The add-in stops no services.");
    if (!api.isElevated()) return notVisible("The start-up task");
    const scheduler = await api.describeService("Schedule");
    // Wine keeps a task without its actions.
    const program = api.isWine() ? undefined : installation.nodeExe;
    const facts = { name: bootTaskName(clsid), xml: readBootTask(clsid), scheduler, program };
    return judgeTask(facts, command);
  },
};
