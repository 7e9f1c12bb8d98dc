import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type Handlebars from "handlebars";
import * as runtimeModule from "handlebars/runtime.js";
import { errorText } from "../src/errors.ts";
import { helpers } from "./helpers.ts";
import type { ProjectFile } from "./layers.ts";
import { precompiled } from "./precompiled.ts";

// Handlebars' types leave its runtime out.
const { default: runtime }: { readonly default: typeof Handlebars } = Object(runtimeModule);

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
      return source.digest === undefined ? source.bytes : compile(source)(values);
    } catch (error) {
      throw cannotWrite(source.path, error);
    }
  };
  return new Map(sources.map((source) => [source.path, fill(source)]));
}

/** Fills in files as {@link fillFiles} does, in a folder where none of them is yet. */
export async function writeFiles(
  values: object,
  files: readonly ProjectFile[],
  folder: string,
): Promise<void> {
  const contents = await fillFiles(values, files);
  const folders = new Set<string>();
  // Nothing is awaited, so that a signal never finds a write that is still under way.
  for (const [path, content] of contents) {
    try {
      const destination = join(folder, path);
      const parent = dirname(destination);
      if (!folders.has(parent)) mkdirSync(parent, { recursive: true });
      folders.add(parent);
      writeFileSync(destination, content, { flag: "wx" });
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }
}

interface Source {
  readonly path: string;
  readonly bytes: Buffer;
  /** Of a template. */
  readonly digest: string | undefined;
}

function readSource({ path, template }: ProjectFile): Source {
  try {
    const bytes = readFileSync(template);
    const isTemplate = template.endsWith(".hbs");
    const digest = isTemplate ? createHash("sha256").update(bytes).digest("hex") : undefined;
    return { path, bytes, digest };
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

/** Loads the whole of Handlebars only for a template that the build has not seen. */
async function compilerFor(sources: readonly Source[]): Promise<(source: Source) => Fill> {
  const isSeen = sources.every(({ digest }) => digest === undefined || precompiled.has(digest));
  const handlebars = isSeen ? runtime : (await import("handlebars")).default;
  handlebars.registerHelper(helpers);
  return ({ bytes, digest = "" }) => {
    const specification = precompiled.get(digest);
    const compiled =
      compiledBefore.get(digest) ??
      (specification === undefined
        ? handlebars.compile(bytes.toString("utf8"))
        : handlebars.template(specification));
    compiledBefore.set(digest, compiled);
    return compiled;
  };
}
