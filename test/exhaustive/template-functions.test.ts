import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runInThisContext } from "node:vm";
import Handlebars from "handlebars";
import { describe, expect, it } from "vitest";
import { completeAnswers } from "../../generator/answers.ts";
import { helpers } from "../../generator/helpers.ts";
import { templateFunction, templateRuntime } from "../../generator/template-functions.mjs";
import { combinations } from "../generator/combinations.ts";
import { filesBelow, templates } from "../generator/generator.ts";

// What wsb-addin generate hands over besides.
const grown = { checkName: "ledger-files", handler: "preRestore" };
const handlebars = Handlebars.create();
handlebars.registerHelper(helpers);
const files = filesBelow(templates).filter((file) => file.endsWith(".hbs"));

function evaluate(template: string): (text: string, values: object, given: object) => string {
  const source = `(() => { ${templateRuntime}; return ${templateFunction(template)}; })()`;
  return Object(runInThisContext(source));
}

describe("templates as functions", () => {
  it.each(files)("%s comes out as Handlebars writes it", (file) => {
    const text = readFileSync(join(templates, file), "utf8");
    const ours = evaluate(text);
    const theirs = handlebars.compile(text);
    for (const { given, userAgent } of combinations) {
      const answers = completeAnswers(given, { currentFolder: "/", userAgent });
      const values = { ...answers, ...grown };
      expect(ours(text, values, helpers)).toBe(theirs(values));
    }
  });

  it.each([
    ["{{name}}", "escapes for HTML"],
    ["{{#with name}}{{/with}}", "is a block of another kind"],
    ["{{#each list}}{{{../name}}}{{/each}}", "leads out of its context"],
    ["{{#each list}}{{{@index}}}{{/each}}", "leads out of its context"],
    ["{{#each list}}{{else}}none{{/each}}", "has an else"],
    ["{{{json name space=2}}}", "has named parameters"],
    ["{{> part}}", "is a PartialStatement"],
    ["one\n  {{{json 5}}}", "is a NumberLiteral"],
  ])("refuse %j, which no template needs", (template, why) => {
    expect(() => templateFunction(template)).toThrow(why);
  });
});
