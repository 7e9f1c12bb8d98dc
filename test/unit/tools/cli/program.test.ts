import type { Command } from "commander";
import { describe, expect, it } from "vitest";

import { createProgram } from "../../../../src/tools/cli/program.ts";
import { commandNames } from "../../../helpers/command-names.ts";
import { definitionOf, outputSchema } from "../../../helpers/output-schema.ts";

function helpOf(command: Command): readonly string[] {
  return [command.helpInformation(), ...command.commands.flatMap(helpOf)];
}

describe("the command line", () => {
  const program = createProgram();
  // With --all, status prints another document.
  const documents = commandNames(program).concat("status all");

  it("has a published schema for the output of exactly the existing commands", () => {
    const definitions: object = Object(outputSchema["$defs"]);
    const described = Object.entries(definitions).flatMap(([name, definition]) => {
      const { properties } = Object(definition);
      const command: unknown = properties?.command?.const;
      return command === undefined ? [] : [[name, command]];
    });
    const commands = documents.map((name) => [definitionOf(name), name]);
    expect(Object.fromEntries(described)).toEqual(Object.fromEntries(commands));
  });

  it("lists each of them at the root of the schema", () => {
    const names = ["failure", ...documents.map(definitionOf)];
    const references = names.map((name) => ({ $ref: `#/$defs/${name}` }));
    expect(outputSchema["anyOf"]).toEqual(expect.arrayContaining(references));
    expect(outputSchema["anyOf"]).toHaveLength(references.length);
  });

  it("has --json on every command", () => {
    for (const help of helpOf(program).filter((text) => !text.includes("Commands:"))) {
      expect(help).toContain("--json");
    }
  });

  it("shows only meaningful defaults", () => {
    for (const help of helpOf(program)) expect(help).not.toMatch(/default: (?:\[\]|""|false)/u);
  });
});
