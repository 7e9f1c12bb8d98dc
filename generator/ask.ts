import nodePlop from "node-plop";
import type { GivenAnswers } from "./answers.ts";
import { thisMachine } from "./machine.ts";
import plopfile, { generatorName } from "./plopfile.ts";
import { addPromptAnswers, openQuestions } from "./prompts.ts";
import type { PromptOptions } from "./prompts.ts";

/** Asks what no flag has answered. Whoever is asked nothing does not load this. */
export async function ask(options: Omit<PromptOptions, "machine">): Promise<GivenAnswers> {
  const machine = thisMachine(process.env);
  // What it counts paths from; it makes no files.
  const plop = await nodePlop("", { destBasePath: options.currentFolder, force: false });
  plopfile(plop, openQuestions({ ...options, machine }));
  const answers: unknown = await plop.getGenerator(generatorName).runPrompts();
  return addPromptAnswers(options.given, answers);
}
