// Templates as plain functions, so that a scaffold waits neither for Handlebars nor for a compiler.
import Handlebars from "handlebars";

/**
 * Writes a template as the source of a function of its values and the helpers, which uses
 * {@link templateRuntime}.
 *
 * Of Handlebars' language it knows what the templates use and refuses the rest; what it makes of that
 * is what Handlebars makes of it.
 *
 * @param {string} text
 * @returns {string}
 */
export function templateFunction(text) {
  return `(values, helpers) => ${program(Handlebars.parse(text), "values")}`;
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
  ContentStatement: ({ value }) => JSON.stringify(value),
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
        return `each(${write(subject, context)}, (item) => ${program(node.program, "item")})`;
      default:
        return refuse(node, "is a block of another kind");
    }
  },
  SubExpression: expression,
  PathExpression(node, context) {
    if (node.depth > 0 || node.data) refuse(node, "leads out of its context");
    return [context, ...node.parts].join("?.");
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
