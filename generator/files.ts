import { hash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { errorText } from "../src/base/errors.ts";
import { helpers } from "./helpers.ts";
import type { ProjectFile } from "./layers.ts";
import { precompiled } from "./precompiled.ts";

type Fill = (values: object) => string;

/** Contents of files by their paths: `*.hbs` filled in by Handlebars, all else byte for byte. */
export async function fillFiles(
  values: object,
  files: readonly ProjectFile[],
): Promise<ReadonlyMap<string, string | Buffer>> {
  const sources = files.map((file) => readSource(file));
  const compile = await compilerFor(sources);
  const fill = (source: Source): string | Buffer => {
    try {
      return "content" in source ? source.content : compile(source)(values);
    } catch (error) {
      throw cannotWrite(source.path, error);
    }
  };
  const contents = new Map(sources.map((source) => [source.path, fill(source)]));
  if (contents.size < sources.length) throw new Error("Two templates make the same file.");
  return contents;
}

/**
 * Fills in files as {@link fillFiles} does, in a folder where none of them is yet.
 *
 * @returns What was written, by path.
 */
export async function writeFiles(
  values: object,
  files: readonly ProjectFile[],
  folder: string,
): Promise<ReadonlyMap<string, string | Buffer>> {
  const contents = await fillFiles(values, files);
  const folders = new Set<string>();
  // Nothing is awaited, so that a signal never finds a write that is still under way.
  for (const [path, content] of contents) {
    try {
      // Not joined: to normalize so many long paths takes a hundredth of a scaffold.
      const destination = `${folder}/${path}`;
      const parent = dirname(destination);
      if (!folders.has(parent)) mkdirSync(parent, { recursive: true });
      folders.add(parent);
      writeFileSync(destination, content, { flag: "wx" });
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }
  return contents;
}

interface Template {
  readonly path: string;
  readonly text: string;
  readonly digest: string;
}

type Source = Template | { readonly path: string; readonly content: string | Buffer };

function readSource({ path, template }: ProjectFile): Source {
  try {
    const text = readFileSync(template, "utf8");
    if (template.endsWith(".hbs")) return { path, text, digest: hash("sha256", text) };
    // Reading and writing texts takes half the time; what is no text has this in it.
    return { path, content: text.includes("\uFFFD") ? readFileSync(template) : text };
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

function cannotWrite(path: string, error: unknown): Error {
  const text = `Cannot write ${path}: ${errorText(error)}. Nothing was created.`;
  return new Error(text, { cause: error });
}

// Upgrades, and tests, fill the same templates in again and again.
const compiledBefore = new Map<string, Fill>();

/** Loads Handlebars only for a template that the build has not seen. */
async function compilerFor(sources: readonly Source[]): Promise<(template: Template) => Fill> {
  const isNew = sources.some(
    (source) =>
      "text" in source && !precompiled.has(source.digest) && !compiledBefore.has(source.digest),
  );
  const handlebars = isNew ? (await import("handlebars")).default : undefined;
  handlebars?.registerHelper(helpers);
  return ({ text, digest }) => {
    const fill = precompiled.get(digest);
    if (fill !== undefined) return (values) => fill(text, values, helpers);
    const compiled = compiledBefore.get(digest) ?? handlebars?.compile(text);
    if (compiled === undefined) throw new Error("its template was read twice, and differs");
    compiledBefore.set(digest, compiled);
    return compiled;
  };
}
