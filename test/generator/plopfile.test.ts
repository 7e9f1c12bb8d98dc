import { describe, expect, it } from "vitest";
import type { Machine } from "../../generator/machine.ts";
import { flagNames, readFlags } from "../../generator/flags.ts";
import { questions } from "../../generator/plopfile.ts";

const machine: Machine = {
  listWriters: undefined,
  listServices: undefined,
  missingServices: async () => [],
};
const asked = questions({ given: {}, machine, merge: false, currentFolder: "/" });
// It only leads to questions that have flags.
const withoutFlag = ["more"];

describe("the questions", () => {
  it("can each be skipped by a flag", () => {
    const names = new Set(asked.map(({ name = "" }) => name));
    for (const name of withoutFlag) names.delete(name);
    expect(names.size).toBeGreaterThan(10);
    const answers = new Set(Object.keys(readFlags([]).given));
    expect([...names].filter((name) => !answers.has(name))).toEqual([]);
  });

  it("each have a message", () => {
    for (const { name, message } of asked) expect(message, name).toBeTruthy();
  });

  it("take an answer from each flag that gives one", () => {
    const settings = new Set(["merge", "dry-run", "yes", "json", "help", "version"]);
    const answers = Object.keys(readFlags([]).given);
    expect(flagNames.filter((flag) => !settings.has(flag))).toHaveLength(answers.length);
  });
});
