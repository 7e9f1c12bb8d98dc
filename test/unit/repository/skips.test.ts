import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

import { filesBelow, repository } from "../../generator/generator.ts";

/** Returns the condition for a test in the words of the table in CONTRIBUTING.md. */
function conditionOf(kind: string, condition: string): string {
  if (kind === "runIf") return condition;
  return condition.startsWith("!") ? condition.slice(1) : condition.replace("===", "!==");
}

const conditions = filesBelow(join(repository, "test"))
  .filter((file) => file.endsWith(".test.ts") && !file.startsWith("fixtures"))
  .flatMap((file) => {
    const text = readFileSync(join(repository, "test", file), "utf8");
    return [...text.matchAll(/\.(runIf|skipIf)\((.+?)\)(?=\(|\.each)/gu)].map(
      ([, kind = "", condition = ""]) => conditionOf(kind, condition),
    );
  });

it("CONTRIBUTING.md has the reason for each condition under which tests run", () => {
  const table = /^\| Runs if \|.*?\n\n/msu.exec(
    readFileSync(join(repository, "CONTRIBUTING.md"), "utf8"),
  );
  const rows = (table?.[0] ?? "").split("\n").slice(2);
  const cells = rows.map((row) => row.split("|")[1]).join();
  const explained = [...cells.matchAll(/`([^`]+)`/gu)].map(([, condition]) => condition);
  expect(new Set(conditions)).toEqual(new Set(explained));
});
