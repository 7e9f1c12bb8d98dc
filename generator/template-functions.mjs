// Templates as plain functions, so that a scaffold waits neither for Handlebars nor for a compiler.
import Handlebars from "handlebars";

// A shorter one is written out.
const LEAST_TAKEN_CHARACTERS = 24;

/**
 * Writes a template as the source of a function of its own text, its values and the helpers, which
 * uses {@link templateRuntime}.
 *
 * Of Handlebars' language it knows what the templates use and refuses the rest; what it makes of that
 * is what Handlebars makes of it. What is to be printed as it is, it takes from the text: to have that
 * twice would double what Node.js has to read.
 *
 * @param {string} text
 * @returns {string}
 */
export function templateFunction(text) {
  return `(text, values, helpers) => ${program(Handlebars.parse(text), { text, name: "values" })}`;
}

/** What the functions call. */
export const templateRuntime = `
  const print = (value) => value ?? "";
  const holds = (value) => (Array.isArray(value) ? value.length > 0 : Boolean(value));
  const each = (list, body) => (list ?? []).map(body).join("");
`;

function program(node, context) {
  const parts = (node?.body ?? []).map((statement) => write(statement, context));
  return ['""', ...parts.filter((part) => part !== "")].join(" + ");
}

const statements = {
  ContentStatement({ value }, { text }) {
    // Wherever it is, the characters are the same; it is nowhere when a backslash was taken out.
    const at = text.indexOf(value);
    if (at < 0 || value.length < LEAST_TAKEN_CHARACTERS) return JSON.stringify(value);
    return `text.slice(${at}, ${at + value.length})`;
  },
  CommentStatement: () => "",
  MustacheStatement(node, context) {
    if (node.escaped) refuse(node, "escapes for HTML, and no project is a web page: use {{{ }}}");
    return `print(${expression(node, context)})`;
  },
  BlockStatement(node, context) {
    const [subject] = node.params;
    const inside = (branch) => program(branch, context);
    switch (node.path.original) {
      case "if":
        return `(holds(${write(subject, context)}) ? ${inside(node.program)} : ${inside(node.inverse)})`;
      case "unless":
        return `(holds(${write(subject, context)}) ? ${inside(node.inverse)} : ${inside(node.program)})`;
      case "each":
        if (node.inverse) refuse(node, "has an else");
        return `each(${write(subject, context)}, (item) => ${program(node.program, { ...context, name: "item" })})`;
      default:
        return refuse(node, "is a block of another kind");
    }
  },
  SubExpression: expression,
  PathExpression(node, context) {
    if (node.depth > 0 || node.data) refuse(node, "leads out of its context");
    return [context.name, ...node.parts].join("?.");
  },
  StringLiteral: ({ value }) => JSON.stringify(value),
};

function write(node, context) {
  const statement = statements[node.type] ?? refuse(node, `is a ${node.type}`);
  return statement(node, context);
}

/** A helper's value where there is something to hand over, and else a field. */
function expression({ path, params, hash }, context) {
  if (hash) refuse(path, "has named parameters");
  if (params.length === 0) return write(path, context);
  const given = params.map((param) => write(param, context));
  // Handlebars hands its own options over behind the last value.
  return `helpers.${path.original}(${[...given, "{}"].join(", ")})`;
}

function refuse({ loc: { start } }, why) {
  throw new Error(`Line ${start.line}, column ${start.column + 1} of a template ${why}.`);
}
