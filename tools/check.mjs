// npm run check: runs linter, formatter, compiler and the check of the commits' subjects in
// parallel; shows the output of the checks that fail.
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { elapsed, reportFailure, run } from "./build.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

const checks = [
  {
    title: "linting",
    script: "node_modules/oxlint/bin/oxlint",
    args: ["--type-aware", "--deny-warnings"],
    nextStep: "Fix the linter's findings.",
  },
  {
    title: "formatting",
    script: "node_modules/oxfmt/bin/oxfmt",
    args: ["--check"],
    nextStep: "Run: npm run format",
  },
  {
    title: "type-checking",
    script: "node_modules/typescript/bin/tsc",
    args: ["--noEmit"],
    nextStep: "Fix the compiler's errors.",
  },
  {
    title: "checking the commits",
    script: "tools/check-commits.mjs",
    args: [],
    nextStep: "Reword these subjects: git rebase --interactive",
    showsOutput: true,
  },
];

const start = performance.now();
const outcomes = await Promise.allSettled(
  checks.map(async ({ title, script, args, nextStep, showsOutput = false }) => {
    const output = await run(title, process.execPath, [join(root, script), ...args], { nextStep });
    if (showsOutput) console.log(output.trim());
  }),
);
const failures = outcomes.flatMap(({ reason }) => (reason === undefined ? [] : [reason]));
for (const failure of failures) reportFailure(failure);
if (failures.length === 0) console.log(`Formatted, linted and type-checked: ${elapsed(start)}`);
