import { readdirSync } from "node:fs";
import { join } from "node:path";
import { packageSections, readFields, replaceFields } from "./edits.ts";

/** What a scaffold adds to the package.json of an existing project. */
export interface PackageMerge {
  /** The new text; `undefined` if the file stays as it is. */
  readonly text: string | undefined;
  /** What the new text adds, such as `scripts.register`. */
  readonly added: readonly string[];
  /** What its owner must add or change. */
  readonly todo: readonly string[];
  /** The scripts of the scaffold are there, unchanged. */
  readonly hasScripts: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

const sections = ["scripts", ...packageSections] as const;

/**
 * Adds to a package.json the scripts, packages and `"type"` of a scaffold's that are missing.
 *
 * @param template The package.json that the scaffold would have.
 * @param scripts The owner's files in JavaScript and TypeScript, which `"type"` would change.
 */
export function mergePackage(
  text: string,
  template: string,
  scripts: readonly string[],
): PackageMerge {
  const theirs = readFields(text);
  const ours = readFields(template) ?? {};
  if (theirs === undefined) {
    const todo = ["package.json is not JSON. Fix it, and run the command again."];
    return { text: undefined, added: [], todo, hasScripts: false };
  }
  const missing = sections.map((section) => [section, missingOf(section, theirs, ours)] as const);
  const type = typeToAdd(theirs, scripts);
  const additions = {
    ...type.fields,
    ...Object.fromEntries(missing.filter(([, fields]) => Object.keys(fields).length > 0)),
  };
  const foreign = Object.entries(fieldsOf(ours["scripts"])).filter(([name, script]) => {
    const own = fieldsOf(theirs["scripts"])[name];
    return own !== undefined && own !== script;
  });
  const named = [
    ...type.todo,
    ...foreign.map(
      ([name, script]) =>
        `package.json keeps its own script ${JSON.stringify(name)}. The scaffold's is: ${String(script)}`,
    ),
  ];
  const added = namesOf(additions);
  if (added.length === 0) {
    return { text: undefined, added, todo: named, hasScripts: foreign.length === 0 };
  }
  const edit = replaceFields(text, withAdditions(theirs, additions));
  if (edit.kind === "unclear") {
    const fragment = JSON.stringify(additions).slice(1, -1);
    const todo = [`Add to package.json, which has a format of its own: ${fragment}`, ...named];
    return { text: undefined, added: [], todo, hasScripts: false };
  }
  return { text: edit.text, added, todo: named, hasScripts: foreign.length === 0 };
}

function fieldsOf(value: unknown): Fields {
  return Object.fromEntries(Object.entries(Object(value)));
}

function missingOf(section: (typeof sections)[number], theirs: Fields, ours: Fields): Fields {
  const places = section === "scripts" ? [section] : packageSections;
  return Object.fromEntries(
    Object.entries(fieldsOf(ours[section])).filter(
      ([name]) => !places.some((place) => name in fieldsOf(theirs[place])),
    ),
  );
}

function typeToAdd(
  { type }: Fields,
  scripts: readonly string[],
): { readonly fields: Fields; readonly todo: readonly string[] } {
  if (type === "module") return { fields: {}, todo: [] };
  const [script] = scripts;
  if (type === undefined && script === undefined) return { fields: { type: "module" }, todo: [] };
  const why =
    type === undefined
      ? `It would change how Node.js reads your other files, such as ${String(script)}.`
      : `It is ${JSON.stringify(type)}.`;
  return {
    fields: {},
    todo: [
      `Set "type": "module" in package.json, which the scaffold's files need. ${why} Files that are not ES modules can have the extension .cjs or .cts.`,
    ],
  };
}

function namesOf(additions: Fields): readonly string[] {
  return Object.entries(additions).flatMap(([field, value]) =>
    typeof value === "object"
      ? Object.keys(fieldsOf(value)).map((name) => `${field}.${name}`)
      : [field],
  );
}

function withAdditions(theirs: Fields, additions: Fields): Fields {
  const merged = new Map(Object.entries(theirs));
  for (const [field, value] of Object.entries(additions)) {
    const isSection = typeof value === "object";
    merged.set(field, isSection ? { ...fieldsOf(theirs[field]), ...fieldsOf(value) } : value);
  }
  return Object.fromEntries(merged);
}

const scriptFile = /\.(?:js|jsx|ts|tsx)$/u;

/** Lists a project's files in JavaScript and TypeScript, without those of packages. */
export function listScripts(folder: string): readonly string[] {
  const below = (path: string): readonly string[] =>
    readdirSync(join(folder, path), { withFileTypes: true }).flatMap((entry) => {
      if (entry.name === "node_modules" || entry.name.startsWith(".")) return [];
      const inner = path === "" ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory()) return below(inner);
      return scriptFile.test(entry.name) ? [inner] : [];
    });
  return below("").toSorted();
}
