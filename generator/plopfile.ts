import type { NodePlopAPI, PromptQuestion } from "node-plop";

/** Name of the one generator. */
export const generatorName = "project";

/** Defines the generator: its questions. What is made of the answers needs no Plop, see files.ts. */
export default function plopfile(plop: NodePlopAPI, prompts: readonly PromptQuestion[]): void {
  plop.setGenerator(generatorName, {
    description: "a Windows Server Backup project in TypeScript",
    prompts: [...prompts],
    actions: [],
  });
}
