import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CustomActionFunction, NodePlopAPI, PromptQuestion } from "node-plop";
import { errorText } from "../src/errors.ts";
import { camelCase, kebabCase } from "./layers.ts";
import type { ProjectFile } from "./layers.ts";

/** What the plopfile needs to know beside the answers. */
export interface PlopfileOptions {
  readonly prompts: readonly PromptQuestion[];
  /** Files to make; each is one action. */
  readonly files: readonly ProjectFile[];
}

/** Name of the one generator. */
export const generatorName = "project";

/** Defines the generator: its questions, and one action per file. */
export default function plopfile(plop: NodePlopAPI, { prompts, files }: PlopfileOptions): void {
  plop.setHelper("json", toJson);
  plop.setHelper("markdown", escapeMarkdown);
  plop.setHelper("kebab", (text: unknown) => kebabCase(String(text)));
  plop.setHelper("camel", (text: unknown) => camelCase(String(text)));
  plop.setHelper("eq", (one: unknown, other: unknown) => one === other);
  plop.setHelper("includes", (list: unknown, item: unknown) =>
    Array.isArray(list) ? list.includes(item) : false,
  );
  plop.setHelper("restoresIn", (dotnet: unknown) => {
    const named: readonly unknown[] = Array.isArray(dotnet) ? dotnet : [];
    return named.includes("preRestore") || named.includes("postRestore");
  });
  // Handlebars hands its own options over behind the last value.
  plop.setHelper("includesAny", (value: unknown, ...list: unknown[]) =>
    list.slice(0, -1).includes(value),
  );
  plop.setHelper("rc", toResourceString);
  plop.setGenerator(generatorName, {
    description: "a Windows Server Backup project in TypeScript",
    prompts: [...prompts],
    actions: files.map(actionFor),
  });
}

/**
 * Writes one file of the project: `*.hbs` filled in, everything else byte for byte.
 *
 * Plop's own `add` would run Handlebars over the path and over every file, and would name no file in
 * an error. Nothing is awaited, so that a signal never finds a write that is still under way.
 */
function actionFor({ path, template }: ProjectFile): CustomActionFunction {
  return async (answers, _config, plop) => {
    try {
      const source = readFileSync(template);
      const content = template.endsWith(".hbs")
        ? plop.renderString(source.toString("utf8"), answers)
        : source;
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

/** Writes a text as a string of a resource script. */
function toResourceString(text: unknown): string {
  return `"${String(text).replaceAll("\\", "\\\\").replaceAll('"', '""')}"`;
}
