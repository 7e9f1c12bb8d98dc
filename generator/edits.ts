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

/** The sections of a package.json that list packages. */
export const packageSections = ["dependencies", "devDependencies", "optionalDependencies"] as const;

/** Adds an optional package to the text of a package.json and changes nothing else. */
export function addOptionalPackage(text: string, name: string, range: string): PackageEdit {
  const fields = readFields(text);
  if (fields === undefined) return { kind: "unclear" };
  const isListed = packageSections.some((section) => name in Object(fields[section]));
  if (isListed) return { kind: "listed" };
  const optionalDependencies = { ...Object(fields["optionalDependencies"]), [name]: range };
  return replaceFields(text, { ...fields, optionalDependencies });
}

/** Writes other fields into the text of a package.json, in its format, if that is a usual one. */
export function replaceFields(
  text: string,
  fields: object,
): Extract<PackageEdit, { readonly kind: "edited" | "unclear" }> {
  const plain = text.replace(/^\uFEFF/u, "").replaceAll("\r\n", "\n");
  const indent = /^[{]\n([ \t]+)"/u.exec(plain)?.[1] ?? "  ";
  const end = plain.endsWith("\n") ? "\n" : "";
  const format = (value: unknown): string => `${JSON.stringify(value, undefined, indent)}${end}`;
  const current = readFields(text);
  if (current === undefined || format(current) !== plain) return { kind: "unclear" };
  const mark = text.startsWith("\uFEFF") ? "\uFEFF" : "";
  const edited = format(fields);
  const ended = text.includes("\r\n") ? edited.replaceAll("\n", "\r\n") : edited;
  return { kind: "edited", text: mark + ended };
}

/** Adds a last field to an object in JSON; `undefined` if it has the field or is not recognized. */
export function addLastField(text: string, name: string, value: unknown): string | undefined {
  const fields = readFields(text);
  if (fields === undefined || name in fields || Object.keys(fields).length === 0) return undefined;
  const indent = /\n([ \t]+)"/u.exec(text)?.[1] ?? "  ";
  const field = JSON.stringify({ [name]: value }, undefined, indent)
    .slice(1, -1)
    .trimEnd();
  const edited = text.replace(/\s*\}(\s*)$/u, (_match, rest: string) => `,${field}\n}${rest}`);
  return text.includes("\r\n") ? edited.replace(/\r?\n/gu, "\r\n") : edited;
}

/** Reads an object in JSON; `undefined` for any other text. */
export function readFields(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/u, ""));
    if (typeof value !== "object" || value === null) return undefined;
    return Object.fromEntries(Object.entries(value));
  } catch {
    return undefined;
  }
}
