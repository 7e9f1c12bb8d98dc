import type { HelperDeclareSpec } from "handlebars";
import { camelCase, kebabCase } from "./layers.ts";

/** What templates can call. Handlebars hands its own options over behind the last value. */
export const helpers: HelperDeclareSpec = {
  json: toJson,
  markdown: escapeMarkdown,
  kebab: (text: unknown): string => kebabCase(String(text)),
  camel: (text: unknown): string => camelCase(String(text)),
  eq: (one: unknown, other: unknown): boolean => one === other,
  includes: (list: unknown, item: unknown): boolean => Array.isArray(list) && list.includes(item),
  restoresIn(dotnet: unknown): boolean {
    const named: readonly unknown[] = Array.isArray(dotnet) ? dotnet : [];
    return named.includes("preRestore") || named.includes("postRestore");
  },
  includesAny: (value: unknown, ...list: readonly unknown[]): boolean =>
    list.slice(0, -1).includes(value),
  rc: toResourceString,
};

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
