// Edits of files that belong to the project's owner. Where the kit does not recognize a file, it
// leaves the edit to them.
import type { HandlerName } from "./choices.ts";
import { kebabCase } from "./project-files.ts";

/** The result of an attempt to list a handler in the add-in's entry module. */
export type EntryEdit =
  | { readonly kind: "edited"; readonly text: string }
  /** The module already names the handler. */
  | { readonly kind: "listed" }
  /** The kit does not recognize the module; its owner must add these lines. */
  | { readonly kind: "unclear"; readonly lines: readonly string[] };

const lastImport = /^import\b[^;]*;[ \t]*$(?![\s\S]*^import\b)/mu;
const handlerList = /\bdefineAddin\(\{(\s*\}|)/u;

/** Adds a handler to the entry module: an import after the last one, and the first entry of the list. */
export function listHandler(text: string, name: HandlerName): EntryEdit {
  if (new RegExp(String.raw`\b${name}\b`, "u").test(text)) return { kind: "listed" };
  const importLine = `import { ${name} } from "./handlers/${kebabCase(name)}.ts";`;
  const listLine = `  ${name},`;
  if (!lastImport.test(text) || !handlerList.test(text)) {
    return { kind: "unclear", lines: [importLine, `defineAddin({${listLine.trimStart()} …})`] };
  }
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const edited = text
    .replace(lastImport, (line) => `${line}${end}${importLine}`)
    .replace(handlerList, (_match, rest: string) => {
      const close = rest === "" ? "" : `${end}}`;
      return `defineAddin({${end}${listLine}${close}`;
    });
  return { kind: "edited", text: edited };
}

/** The result of an attempt to add an optional package to package.json. */
export type PackageEdit =
  | { readonly kind: "edited"; readonly text: string }
  /** package.json already contains the package. */
  | { readonly kind: "listed" }
  /** Writing package.json again would change its format. */
  | { readonly kind: "unclear" };

const sections = ["dependencies", "devDependencies", "optionalDependencies"] as const;

/** Adds an optional package to the text of a package.json and changes nothing else. */
export function addOptionalPackage(text: string, name: string, range: string): PackageEdit {
  const plain = text.replaceAll("\r\n", "\n");
  const fields = readFields(plain);
  if (fields === undefined || format(fields) !== plain) return { kind: "unclear" };
  const isListed = sections.some((section) => name in Object(fields[section]));
  if (isListed) return { kind: "listed" };
  const optionalDependencies = { ...Object(fields["optionalDependencies"]), [name]: range };
  const edited = format({ ...fields, optionalDependencies });
  return { kind: "edited", text: plain === text ? edited : edited.replaceAll("\n", "\r\n") };
}

function readFields(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    return Object.fromEntries(Object.entries(value));
  } catch {
    return undefined;
  }
}

function format(fields: object): string {
  return `${JSON.stringify(fields, undefined, 2)}\n`;
}
