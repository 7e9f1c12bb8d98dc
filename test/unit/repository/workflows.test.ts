import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import rootPackage from "../../../package.json" with { type: "json" };
import { repository } from "../../generator/generator.ts";

interface Step {
  readonly run?: string;
  readonly uses?: string;
}
interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly needs?: string; readonly steps: Step[] }>>;
}

const folder = join(repository, ".github/workflows");
const workflows = readdirSync(folder).map((name): [string, Workflow] => [
  name,
  parse(readFileSync(join(folder, name), "utf8")),
]);

function matches(pattern: RegExp, text: string): readonly (readonly string[])[] {
  return [...text.matchAll(pattern)].map((match) => match.slice(1).map((group) => group ?? ""));
}

describe.each(workflows)("the workflow %s", (_name, { jobs }) => {
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  const commands = steps.flatMap(({ run }) => run?.split("\n") ?? []);

  it("runs existing scripts", () => {
    const scripts = commands.flatMap((line) => matches(/npm(?:\.cmd)? (?:run )?([\w:]+)/gu, line));
    expect(scripts.length).toBeGreaterThan(0);
    for (const [script] of scripts) expect(Object.keys(rootPackage.scripts)).toContain(script);
  });

  it("calls existing tools with their parameters", () => {
    for (const line of commands) {
      for (const [tool = "", rest = ""] of matches(/(tools\/[\w/.-]+)(.*)/gu, line)) {
        const file = join(repository, tool);
        expect(existsSync(file), tool).toBe(true);
        const [, parameters = ""] = /^param\((.*?)\)$/msu.exec(readFileSync(file, "utf8")) ?? [];
        for (const [name = ""] of matches(/ -(\w+) /gu, rest)) {
          expect(parameters, line).toContain(`$${name}`);
        }
      }
    }
  });

  it("pins each action, and waits only for its own jobs", () => {
    for (const { uses } of steps) if (uses !== undefined) expect(uses).toMatch(/@[\da-f]{40}$/u);
    for (const { needs } of Object.values(jobs)) {
      if (needs !== undefined) expect(Object.keys(jobs)).toContain(needs);
    }
  });
});
