// npm run check: linter, formatter and compiler side by side; shows the output of what finds something.
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { elapsed, reportFailure, run } from "./build.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

const checks = [
  {
    title: "linting",
    script: "oxlint/bin/oxlint",
    args: ["--type-aware", "--deny-warnings"],
    nextStep: "Correct what the linter says.",
  },
  {
    title: "formatting",
    script: "oxfmt/bin/oxfmt",
    args: ["--check"],
    nextStep: "Run: npm run format",
  },
  {
    title: "type-checking",
    script: "typescript/bin/tsc",
    args: ["--noEmit"],
    nextStep: "Correct what the compiler says.",
  },
];

const start = performance.now();
const outcomes = await Promise.allSettled(
  checks.map(({ title, script, args, nextStep }) =>
    run(title, process.execPath, [join(root, "node_modules", script), ...args], { nextStep }),
  ),
);
const failures = outcomes.flatMap(({ reason }) => (reason === undefined ? [] : [reason]));
for (const failure of failures) reportFailure(failure);
if (failures.length === 0) console.log(`Formatted, linted and type-checked: ${elapsed(start)}`);
