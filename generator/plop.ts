import { readFileSync } from "node:fs";
import { relative, sep } from "node:path";
import Handlebars from "handlebars";
import nodePlop, { type NodePlopAPI } from "node-plop";
import type { GivenAnswers } from "./answers.ts";
import plopfile, { type FilesToWrite, type PromptOptions, type Render } from "./plopfile.ts";
import type { ProjectFile, Sources } from "./project-files.ts";

/** Plop with the generators of the plopfile. */
export interface Plop {
  readonly sources: Sources;
  /** Asks the questions of the generator `project` that have no answer yet. */
  ask(): Promise<GivenAnswers>;
  /**
   * Runs the actions of a generator, which write files.
   *
   * @throws {@link WsbError} `ERR_WSB_FILE` or `ERR_WSB_GENERATOR` for a file that cannot be written.
   */
  write(generator: "project" | "changes", values: object, output: FilesToWrite): Promise<void>;
  /** Returns the texts of files without writing them, by path. */
  textsOf(files: readonly ProjectFile[], values: object): ReadonlyMap<string, string>;
}

/** Starts Plop; only {@link Plop.ask} needs `prompts`. */
export async function startPlop(sources: Sources, prompts?: PromptOptions): Promise<Plop> {
  const plop = await nodePlop();
  const render = createRender(plop, sources);
  plopfile(plop, render, prompts);
  return {
    sources,
    ask: async () => {
      const answers: GivenAnswers = await plop.getGenerator("project").runPrompts();
      return answers;
    },
    write: async (generator, values, output) => {
      const { failures } = await plop.getGenerator(generator).runActions({ ...values, output });
      // Plop returns the error that a synchronous action throws.
      const failure: unknown = failures[0];
      if (failure !== undefined) throw failure;
    },
    textsOf: (files, values) =>
      new Map(files.map((file) => [file.path, render(file.template, values).toString()])),
  };
}

type CompiledTemplates = Readonly<Record<string, Parameters<typeof Handlebars.template>[0]>>;

/** Templates by their paths below `templates`: build.mjs compiles them and adds them to the bundle. */
declare const compiledTemplates: CompiledTemplates;

function createRender(plop: NodePlopAPI, { templates }: Sources): Render {
  // Running from source, there are none.
  const compiled: CompiledTemplates =
    typeof compiledTemplates === "undefined" ? {} : compiledTemplates;
  const loaded = new Map<string, Handlebars.TemplateDelegate>();
  const load = (template: string): Handlebars.TemplateDelegate => {
    const specification = compiled[relative(templates, template).replaceAll(sep, "/")];
    return specification === undefined
      ? Handlebars.compile(readFileSync(template, "utf8"))
      : Handlebars.template(specification);
  };
  return (template, values) => {
    if (!template.endsWith(".hbs")) return readFileSync(template);
    const fill = loaded.get(template) ?? load(template);
    loaded.set(template, fill);
    const helpers = plop.getHelperList().map((name) => [name, plop.getHelper(name)] as const);
    return fill(values, { helpers: Object.fromEntries(helpers) });
  };
}
