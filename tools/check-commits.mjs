// Checks the subjects of the commits since the rule exists: node tools/check-commits.mjs [<commit>]
import { spawnSync } from "node:child_process";

const LAST_UNCHECKED = "2e17d8316efa3b2cd19b6cbbe48d9b40419b800d";
// Published before the check existed, with 73 characters.
const EXEMPT = new Set(["6c88a850641c39acf57b75ea35c05ecbf7a04b3f"]);
const MAX_LENGTH = 72;
const CONVENTIONAL =
  /^(?:build|chore|ci|docs|feat|fix|perf|refactor|revert|style|test)(?:\([\w.,/-]+\))?!?: \S.*[^.\s]$/u;

/** Returns the output of git; `undefined` when git fails or is missing. */
function git(...args) {
  const { status, stdout } = spawnSync("git", args, { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

/** Returns the range of commits to check; `undefined` when the history does not contain it. */
function findRange(since) {
  // A folder without its own repository may be inside another repository.
  if (git("rev-parse", "--show-prefix") !== "") return undefined;
  if (git("merge-base", "--is-ancestor", since, "HEAD") !== undefined) return `${since}..HEAD`;
  // A shallow clone that does not contain the first commit has only later commits.
  return git("rev-parse", "--is-shallow-repository") === "true" ? "HEAD" : undefined;
}

/** Returns the problem of a subject, or `undefined`. */
function problemOf(subject) {
  const { length } = [...subject];
  if (length > MAX_LENGTH) return `has ${length} characters; at most ${MAX_LENGTH} are allowed`;
  return CONVENTIONAL.test(subject)
    ? undefined
    : "is not a Conventional Commit without a full stop";
}

function main(since) {
  const range = findRange(since);
  if (range === undefined) {
    console.log(`Skipped the commits' subjects: there is no commit ${since.slice(0, 7)} here.`);
    return;
  }
  const lines = git("log", "--no-merges", "--format=%H %s", range)?.split("\n") ?? [];
  const commits = lines.flatMap((line) => {
    const [, hash = "", subject = ""] = /^(\w+) (.*)$/u.exec(line) ?? [];
    return hash === "" || EXEMPT.has(hash) ? [] : [{ hash, subject }];
  });
  const problems = commits.flatMap(({ hash, subject }) => {
    const problem = problemOf(subject);
    return problem === undefined ? [] : [`${hash.slice(0, 7)} ${subject}\n  ${problem}`];
  });
  console.log(problems.join("\n") || `Checked the commits' subjects: ${commits.length}.`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

main(process.argv[2] ?? LAST_UNCHECKED);
