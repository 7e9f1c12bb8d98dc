import { kebabCase } from "./layers.ts";
import type { HandlerName } from "./choices.ts";

/** What came of an attempt to list a handler in the add-in's entry module. */
export type EntryEdit =
  | { readonly kind: "edited"; readonly source: string }
  /** The module names the handler already. */
  | { readonly kind: "listed" }
  /** The module does not look as the kit wrote it: its owner does it, with these lines. */
  | { readonly kind: "unclear"; readonly lines: readonly string[] };

const lastImport = /^import\b[^;]*;[ \t]*$(?![\s\S]*^import\b)/mu;
const handlerList = /\bdefineAddin\(\{(\s*\}|)/u;

/**
 * Adds a handler to the entry module: an import behind the last one, and its name as the first in
 * the list.
 */
export function listHandler(source: string, name: HandlerName): EntryEdit {
  if (new RegExp(String.raw`\b${name}\b`, "u").test(source)) return { kind: "listed" };
  const importLine = `import { ${name} } from "./handlers/${kebabCase(name)}.ts";`;
  const listLine = `  ${name},`;
  if (!lastImport.test(source) || !handlerList.test(source)) {
    return { kind: "unclear", lines: [importLine, `defineAddin({${listLine.trimStart()} …})`] };
  }
  const end = source.includes("\r\n") ? "\r\n" : "\n";
  const edited = source
    .replace(lastImport, (line) => `${line}${end}${importLine}`)
    .replace(handlerList, (_match, rest: string) => {
      const close = rest === "" ? "" : `${end}}`;
      return `defineAddin({${end}${listLine}${close}`;
    });
  return { kind: "edited", source: edited };
}
