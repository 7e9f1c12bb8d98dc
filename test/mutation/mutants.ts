/** Finds the decisions of a source file, and what each becomes when it is wrong. Texts stay. */
import { parseAst } from "vitest/node";

/** One wrong decision: a part of a source file and what stands in its place. */
export interface Mutant {
  readonly file: string;
  readonly line: number;
  /** The function that contains it, or "". */
  readonly within: string;
  /** What changes, on one line. */
  readonly change: string;
  readonly start: number;
  readonly end: number;
  readonly kind: "expression" | "statement";
  /** The wrong expression; for a statement, what is done instead of it. */
  readonly replacement: string;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

interface Place {
  readonly parent: Node | undefined;
  readonly key: string;
  readonly within: string;
}

/** A node that becomes something else. */
interface Edit {
  readonly node: Node;
  readonly replacement: string;
  readonly kind?: Mutant["kind"];
}

const negations: Readonly<Record<string, string>> = {
  "===": "!==",
  "!==": "===",
  "<": ">=",
  "<=": ">",
  ">": "<=",
  ">=": "<",
};
const boundaries: Readonly<Record<string, string>> = { "<": "<=", "<=": "<", ">": ">=", ">=": ">" };
const arithmetic: Readonly<Record<string, string>> = { "+": "-", "-": "+", "*": "/", "/": "*" };
const logical: Readonly<Record<string, string>> = { "&&": "||", "||": "&&" };
const droppedCalls = new Set(["filter", "toReversed"]);

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}

function childrenOf(node: Node): readonly (readonly [string, Node])[] {
  return Object.entries(node).flatMap(([key, value]) => {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values.filter(isNode).map((child) => [key, child] as const);
  });
}

/** Types, imports and texts decide nothing. */
function isLeftOut({ type }: Node): boolean {
  const isType = type.startsWith("TS") && !/^TS(As|Satisfies|NonNull)Expression$/u.test(type);
  return isType || type === "ImportDeclaration" || type === "TemplateLiteral";
}

function nameOf(node: Node): string | undefined {
  const named = node["id"] ?? node["key"];
  return isNode(named) && typeof named["name"] === "string" ? named["name"] : undefined;
}

function isFunctionName({ type, ...node }: Node): boolean {
  if (type === "FunctionDeclaration" || type === "MethodDefinition") return true;
  const value = node["init"] ?? node["value"];
  return isNode(value) && value.type === "ArrowFunctionExpression";
}

/** The wrong decisions that one node can become; those inside it are found by themselves. */
function editsOf(node: Node, { parent, key, within }: Place, source: string): readonly Edit[] {
  const text = (part: unknown): string =>
    isNode(part) ? source.slice(part.start, part.end) : String(part);
  const { left, right, operator } = node;
  const joined = (other: string): string => `(${text(left)} ${other} ${text(right)})`;
  const edit = (replacement: string): Edit => ({ node, replacement });
  const isCondition = key === "test" && parent?.type !== "SwitchCase";
  const conditions = isCondition ? ["true", "false"].map(edit) : [];
  // A loop that cannot end only costs time.
  const isLoop = /^(For|While|DoWhile)/u.test(parent?.type ?? "");
  const own = ((): readonly Edit[] => {
    switch (node.type) {
      case "BinaryExpression": {
        // What notices a condition that is always true or always false notices its negation.
        const tables = [
          boundaries,
          ...(isCondition ? [] : [negations]),
          // Sizes and pauses of a module are choices.
          ...(within === "" ? [] : [arithmetic]),
        ];
        return tables.flatMap((table) => {
          const other = table[String(operator)];
          return other === undefined ? [] : [edit(joined(other))];
        });
      }
      case "LogicalExpression":
        if (operator === "??") return [edit(text(right))];
        return [edit(joined(logical[String(operator)] ?? ""))];
      case "UnaryExpression":
        return operator === "!" && !isCondition ? [edit(text(node["argument"]))] : [];
      case "Literal":
        if (typeof node["value"] === "boolean") return [edit(String(!node["value"]))];
        if (typeof node["value"] !== "number" || !isComputed(parent)) return [];
        if (within === "") return [];
        return [edit(`(${text(node)} + 1)`)];
      case "CallExpression": {
        const callee = node["callee"];
        if (!isNode(callee) || callee.type !== "MemberExpression") return [];
        return isNode(callee["property"]) && droppedCalls.has(text(callee["property"]))
          ? [edit(text(callee["object"]))]
          : [];
      }
      case "ExpressionStatement":
      case "ThrowStatement":
        // The condition that leads to it alone is a mutant already.
        return parent?.type === "IfStatement" || key === "directive"
          ? []
          : [{ node, replacement: "", kind: "statement" }];
      case "SwitchCase":
        return isNode(node["test"]) ? [{ node: node["test"], replacement: "Number.NaN" }] : [];
      default:
        return [];
    }
  })();
  return [...conditions.filter(({ replacement }) => !isLoop || replacement === "false"), ...own];
}

/** Sizes and pauses that are only named are choices, not decisions. */
function isComputed(parent: Node | undefined): boolean {
  return parent?.type === "BinaryExpression" || parent?.type === "CallExpression";
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/gu, " ");
  return line.length <= 120 ? line : `${line.slice(0, 80)} … ${line.slice(-37)}`;
}

/** Finds all mutants of a source file, in its order. */
export function findMutants(file: string, source: string): readonly Mutant[] {
  const mutants: Mutant[] = [];
  const visit = (node: Node, place: Place): void => {
    if (isLeftOut(node)) return;
    for (const { node: at, replacement, kind = "expression" } of editsOf(node, place, source)) {
      const { start, end } = at;
      const line = source.slice(0, start).split("\n").length;
      const becomes = oneLine(replacement === "" ? "nothing" : replacement);
      const change = `${oneLine(source.slice(start, end))} → ${becomes}`;
      mutants.push({ file, line, within: place.within, change, start, end, kind, replacement });
    }
    const within = isFunctionName(node) ? (nameOf(node) ?? place.within) : place.within;
    for (const [key, child] of childrenOf(node)) visit(child, { parent: node, key, within });
  };
  const program: unknown = parseAst(source, { lang: "ts" });
  if (isNode(program)) visit(program, { parent: undefined, key: "", within: "" });
  return mutants;
}

/**
 * Puts all mutants of a file into its source, each behind a switch: `isMutant(first)` is true for
 * the first of `mutants` when it is the active one, and so on.
 */
export function instrument(source: string, mutants: readonly Mutant[], first: number): string {
  const bySpan = new Map<string, { readonly mutant: Mutant; readonly id: number }[]>();
  for (const [index, mutant] of mutants.entries()) {
    const key = `${mutant.start} ${mutant.end}`;
    bySpan.set(key, [...(bySpan.get(key) ?? []), { mutant, id: first + index }]);
  }
  // Inner spans are part of outer ones: outer first, longer first.
  const spans = [...bySpan.values()].toSorted((one, other) => {
    const [a, b] = [one[0]?.mutant, other[0]?.mutant];
    return (a?.start ?? 0) - (b?.start ?? 0) || (b?.end ?? 0) - (a?.end ?? 0);
  });
  let next = 0;
  const render = (start: number, end: number): string => {
    let text = "";
    let at = start;
    for (let span = spans[next]; span !== undefined; span = spans[next]) {
      const mutant = span[0]?.mutant;
      if (mutant === undefined || mutant.start >= end) break;
      next += 1;
      text += source.slice(at, mutant.start) + wrap(span, render(mutant.start, mutant.end));
      at = mutant.end;
    }
    return text + source.slice(at, end);
  };
  return `const isMutant = globalThis.mutationSwitch; ${render(0, source.length)}`;
}

function wrap(
  span: readonly { readonly mutant: Mutant; readonly id: number }[],
  original: string,
): string {
  let text = original;
  for (const { mutant, id } of span) {
    text =
      mutant.kind === "statement"
        ? `if (!isMutant(${id})) { ${text} }`
        : `(isMutant(${id}) ? (${mutant.replacement}) : (${text}))`;
  }
  return text;
}
