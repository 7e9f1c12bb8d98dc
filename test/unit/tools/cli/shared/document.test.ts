import { Command } from "commander";
import { expect, it } from "vitest";

import { list, literal, string } from "../../../../../src/base/document/kinds.ts";
import { jsonSchemaOf } from "../../../../../src/base/document/schema.ts";
import { createProgram } from "../../../../../src/tools/cli/program.ts";
import { setAction, type ContextOf } from "../../../../../src/tools/cli/shared/command.ts";
import { commandDocument, outputDefinition } from "../../../../../src/tools/cli/shared/document.ts";
import { commandNames } from "../../../../helpers/command-names.ts";
import { definitionOf } from "../../../../helpers/output-schema.ts";

const document = commandDocument("A test.", {
  ok: literal(true),
  files: list(string),
  note: string.optional(),
});

// The compiler compares a command's output with its document.
export function print({ output }: ContextOf<typeof document>, more: { readonly other: 1 }): void {
  const found = { ok: true, files: ["a"] } as const;
  output.json(found);
  output.json({ ...found, note: "b" });
  // @ts-expect-error files are missing
  output.json({ ok: true });
  // @ts-expect-error ok is true
  output.json({ ...found, ok: false });
  // @ts-expect-error files are strings
  output.json({ ...found, files: [1] });
  // @ts-expect-error other is not a field, written or spread
  output.json({ ...found, ...more });
}

it("gives every command of a program its definition", () => {
  const { $defs } = jsonSchemaOf(outputDefinition(createProgram()), "Output");
  const names = commandNames(createProgram()).map(definitionOf);
  expect(Object.keys(Object($defs))).toEqual(expect.arrayContaining(["failure", ...names]));
});

it("describes a command by its name and its fields", () => {
  const run = setAction(new Command("run"), "anywhere", document, async () => 0);
  const program = new Command("program").addCommand(new Command("lab").addCommand(run));
  expect(jsonSchemaOf(outputDefinition(program), "Output")).toMatchObject({
    anyOf: [{ $ref: "#/$defs/failure" }, { $ref: "#/$defs/lab-run" }],
    $defs: {
      "lab-run": {
        title: "wsb-addin lab run --json",
        description: "A test.",
        required: ["schemaVersion", "command", "ok", "files"],
        properties: { command: { const: "lab run" }, ok: { const: true } },
      },
    },
  });
});
