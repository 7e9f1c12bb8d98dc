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

type Compile = (text: string) => (values: object) => string;

/** Contents of files by their paths: `*.hbs` filled in by Handlebars, all else byte for byte. */
export async function fillFiles(
  values: object,
  files: readonly ProjectFile[],
): Promise<ReadonlyMap<string, string | Buffer>> {
  const sources = files.map((file) => readSource(file));
  const compile = await compilerFor(sources.filter(({ isTemplate }) => isTemplate));
  const fill = ({ path, bytes, isTemplate }: Source): string | Buffer => {
    try {
      return isTemplate ? compile(bytes.toString("utf8"))(values) : bytes;
    } catch (error) {
      throw cannotWrite(path, error);
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
  // Nothing is awaited, so that a signal never finds a write that is still under way.
  for (const [path, content] of contents) {
    try {
      const destination = join(folder, path);
      mkdirSync(dirname(destination), { recursive: true });
      writeFileSync(destination, content, { flag: "wx" });
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }
}

interface Source {
  readonly path: string;
  readonly bytes: Buffer;
  readonly isTemplate: boolean;
}

function readSource({ path, template }: ProjectFile): Source {
  try {
    return { path, bytes: readFileSync(template), isTemplate: template.endsWith(".hbs") };
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

function cannotWrite(path: string, error: unknown): Error {
  const text = `Cannot write ${path}: ${errorText(error)}. Nothing was created.`;
  return new Error(text, { cause: error });
}

// Upgrades, and tests, fill the same templates in again and again.
const compiledBefore = new Map<string, ReturnType<Compile>>();

/** Loads the whole of Handlebars only for a template that the build has not seen. */
async function compilerFor(templates: readonly Source[]): Promise<Compile> {
  const isSeen = templates.every(({ bytes }) => precompiled.has(digestOf(bytes)));
  const handlebars = isSeen ? runtime : (await import("handlebars")).default;
  handlebars.registerHelper(helpers);
  return (text) => {
    const digest = digestOf(text);
    const specification = precompiled.get(digest);
    const compiled =
      compiledBefore.get(digest) ??
      (specification === undefined ? handlebars.compile(text) : handlebars.template(specification));
    compiledBefore.set(digest, compiled);
    return compiled;
  };
}

function digestOf(text: string | Uint8Array): string {
  return createHash("sha256").update(text).digest("hex");
}
