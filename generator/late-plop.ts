import nodePlop from "node-plop";
import type { NodePlopAPI, PromptQuestion } from "node-plop";
import plopfile, { generatorName } from "./plopfile.ts";

/** Plop with the one generator; `folder` is what it counts paths from. */
export async function loadPlop(
  folder: string,
  prompts: readonly PromptQuestion[],
): Promise<ReturnType<NodePlopAPI["getGenerator"]>> {
  const plop = await nodePlop("", { destBasePath: folder, force: false });
  plopfile(plop, prompts);
  return plop.getGenerator(generatorName);
}
