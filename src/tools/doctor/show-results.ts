import { VERDICTS, type DoctorAddin, type Verdict } from "./check.ts";
import { worstVerdict, type CheckResult } from "./run-checks.ts";

const WIDTH = 80;
const LABEL_WIDTH = 9;
const MARGIN = " ".repeat(LABEL_WIDTH);

const labels: Readonly<Record<Verdict, string>> = {
  "not applicable": "not here",
  ok: "ok",
  unknown: "UNKNOWN",
  warn: "WARNING",
  fail: "FAILED",
};

/**
 * Breaks a text into lines of at most `width` characters. A longer word, such as a path, stays
 * whole, so that it can be copied.
 */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/u).filter(Boolean)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}

function paragraph(head: string, text: string): readonly string[] {
  const [first = "", ...others] = wrap(text, WIDTH - head.length);
  return [`${head}${first}`, ...others.map((line) => " ".repeat(head.length) + line)];
}

function isSound(verdict: Verdict): boolean {
  return verdict === "ok" || verdict === "not applicable";
}

/** Returns what was not checked: one paragraph for each reason. */
function skippedLines(results: readonly CheckResult[]): readonly string[] {
  const idsByReason = new Map<string, Set<string>>();
  for (const { found, id } of results) {
    idsByReason.set(found, (idsByReason.get(found) ?? new Set()).add(id));
  }
  const label = labels["not applicable"].padEnd(LABEL_WIDTH);
  return [...idsByReason].flatMap(([found, ids]) =>
    paragraph(label, `${found} [${[...ids].join(", ")}]`),
  );
}

/** Returns a result as lines for people: one or two if all is well, else with reason and advice. */
export function resultLines(result: CheckResult, name: string | undefined): readonly string[] {
  const { id, title, verdict, found, why, advice } = result;
  const label = labels[verdict].padEnd(LABEL_WIDTH);
  if (isSound(verdict)) return paragraph(label, `${title}: ${found}`);
  const whose = name === undefined ? "" : `, ${name}`;
  return [
    ...paragraph(label, `${title}${whose} [${id}]`),
    ...found.split("\n").flatMap((line) => paragraph(MARGIN, line)),
    ...paragraph(`${MARGIN}Why: `, why),
    ...(advice ?? "").split("\n").flatMap((line, index) => {
      if (line === "") return [];
      // The further lines are commands to copy.
      return index === 0 ? paragraph(`${MARGIN}Do:  `, line) : [`${MARGIN}     ${line.trim()}`];
    }),
    "",
  ];
}

function plural(count: number, singular: string): string {
  return `${count} ${singular}${count === 1 ? "" : "s"}`;
}

function summary(results: readonly CheckResult[]): string {
  const count = (verdict: Verdict): number =>
    results.filter((one) => one.verdict === verdict).length;
  const parts = [
    [count("fail"), plural(count("fail"), "problem")],
    [count("warn"), plural(count("warn"), "warning")],
    [count("unknown"), `${count("unknown")} unknown`],
  ] as const;
  const bad = parts.filter(([number]) => number > 0).map(([, text]) => text);
  const fine = `${plural(count("ok"), "check")} ok`;
  return `${[...bad, fine].join(", ")}.`;
}

/** Returns all results as lines for people. The worst come last, where a terminal shows them. */
export function resultsLines(
  results: readonly CheckResult[],
  addins: readonly Pick<DoctorAddin, "name" | "writerId">[],
): readonly string[] {
  const nameOf = (writerId: string | undefined): string | undefined =>
    addins.find((one) => one.writerId === writerId)?.name;
  const sorted = results.toSorted(
    (one, other) => VERDICTS.indexOf(one.verdict) - VERDICTS.indexOf(other.verdict),
  );
  const skipped = sorted.filter(({ verdict }) => verdict === "not applicable");
  const sound = sorted.filter(({ verdict }) => verdict === "ok");
  const bad = sorted.filter(({ verdict }) => !isSound(verdict));
  return [
    ...skippedLines(skipped),
    ...sound.flatMap((result) => resultLines(result, nameOf(result.writerId))),
    ...(isSound(worstVerdict(results)) ? [] : [""]),
    ...bad.flatMap((result) => resultLines(result, nameOf(result.writerId))),
    summary(results),
  ];
}
