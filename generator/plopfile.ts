import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CustomActionFunction, NodePlopAPI, PromptQuestion } from "node-plop";
import { errorText } from "../src/errors.ts";
import { identifierRule } from "../src/manifest/parse.ts";
import { absoluteFolder, defaultName, packageNameFor } from "./answers.ts";
import type { GivenAnswers } from "./answers.ts";
import { listFiles, refuseUsedTarget } from "./target.ts";
import { checkFolder, checkServices, checkWriterId } from "./validate.ts";

/** What the plopfile needs to know beside the answers. */
export interface PlopfileOptions {
  /** Folder that holds one folder of templates per choice. */
  readonly templates: string;
  /** Answers the flags gave: nobody is asked for them again. */
  readonly given: GivenAnswers;
  readonly currentFolder: string;
}

/** Defines the generator `addin`: questions for what no flag answered, one action per template file. */
export default function plopfile(plop: NodePlopAPI, options: PlopfileOptions): void {
  plop.setHelper("json", toJson);
  plop.setHelper("markdown", escapeMarkdown);
  const templates = join(options.templates, "addin");
  plop.setGenerator("addin", {
    description: "a Windows Server Backup add-in in TypeScript",
    prompts: openQuestions(options),
    actions: () => listFiles(templates).map((file) => actionFor(templates, file)),
  });
}

/** Adds what the prompts collected, one text per question, to what the flags gave. */
export function addPromptAnswers(given: GivenAnswers, answers: unknown): GivenAnswers {
  const texts = new Map<string, unknown>(
    typeof answers === "object" && answers !== null ? Object.entries(answers) : [],
  );
  const text = (key: string): string | undefined => {
    const value = texts.get(key);
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  return {
    name: given.name ?? text("name"),
    folder: given.folder ?? text("folder"),
    identifier: given.identifier ?? text("identifier"),
    writerId: given.writerId ?? text("writerId"),
    services: given.services ?? splitServices(text("services") ?? ""),
  };
}

function openQuestions({ given, currentFolder }: PlopfileOptions): PromptQuestion[] {
  const questions: (PromptQuestion & { readonly name: keyof GivenAnswers })[] = [
    {
      name: "name",
      type: "input",
      message: "Product name",
      default: defaultName(given, currentFolder),
      validate: accept(identifierRule),
    },
    {
      name: "folder",
      type: "input",
      message: "Folder",
      default: (answers: unknown) => packageNameFor(nameFrom(given, answers)),
      validate: accept((folder) => checkFolder(folder) ?? checkUnused(folder, currentFolder)),
    },
    {
      name: "identifier",
      type: "input",
      message: "Application identifier, as the recovery wizard shows it",
      default: (answers: unknown) => nameFrom(given, answers),
      validate: accept(identifierRule),
    },
    {
      name: "writerId",
      type: "input",
      message: "Class id of the application's VSS writer (empty: a new GUID)",
      validate: accept((text) => (text === "" ? undefined : checkWriterId(text))),
    },
    {
      name: "services",
      type: "input",
      message: "Services to stop during a restore, separated by commas (empty: none)",
      validate: accept((text) => checkServices(splitServices(text))),
    },
  ];
  return questions.filter(({ name }) => given[name] === undefined);
}

function checkUnused(folder: string, currentFolder: string): string | undefined {
  try {
    refuseUsedTarget(absoluteFolder(folder, currentFolder));
    return undefined;
  } catch {
    return "must be a new folder or an empty one";
  }
}

function nameFrom(given: GivenAnswers, answers: unknown): string {
  return addPromptAnswers(given, answers).name ?? "";
}

function splitServices(text: string): readonly string[] {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/** Turns a check into what Inquirer asks for: `true`, or the complaint to show. */
function accept(check: (text: string) => string | undefined): (text: string) => string | true {
  return (text) => {
    const complaint = check(text);
    return complaint === undefined ? true : `This ${complaint}.`;
  };
}

/**
 * Writes one file of the project: `*.hbs` filled in, everything else byte for byte.
 *
 * Plop's own `add` would run Handlebars over the path and over every file, and would name no file in
 * an error. Nothing is awaited, so that a signal never finds a write that is still under way.
 */
function actionFor(templates: string, file: string): CustomActionFunction {
  return async (answers, _config, plop) => {
    const path = file.replace(/\.hbs$/u, "");
    try {
      const template = readFileSync(join(templates, file));
      const content =
        path === file ? template : plop.renderString(template.toString("utf8"), answers);
      const destination = join(plop.getDestBasePath(), path);
      mkdirSync(dirname(destination), { recursive: true });
      writeFileSync(destination, content, { flag: "wx" });
    } catch (error) {
      throw new Error(`Cannot write ${path}: ${errorText(error)}`, { cause: error });
    }
    return path;
  };
}

/** Writes a value as JSON that is also a TypeScript literal, a list on one line. */
function toJson(value: unknown): string {
  if (!Array.isArray(value)) return JSON.stringify(value);
  return `[${value.map((item) => JSON.stringify(item)).join(", ")}]`;
}

/** Escapes what Markdown or HTML inside it would take for markup. */
function escapeMarkdown(text: unknown): string {
  return String(text).replace(/[\\`*_[\]<>&#|~!]/gu, String.raw`\$&`);
}
