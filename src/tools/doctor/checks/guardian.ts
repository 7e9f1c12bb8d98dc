import { existsSync } from "node:fs";

import { runChild } from "../../../base/child-process.ts";
import type { Installation } from "../../registration/plan.ts";
import { notApplicable, ok, type AddinCheck, type Finding } from "../check.ts";

/** The end of the add-in's program, started as a restore starts its guardian. */
export interface TrialStart {
  /** `null` if it did not end in time. */
  readonly exitCode: number | null;
  readonly output: string;
}

/** Returns the last lines that a person understands: no stack of Node.js itself, no version. */
function reasonIn(output: string): readonly string[] {
  const lines = output.split(/\r?\n/u).map((line) => line.trim());
  return lines.filter((line) => line !== "" && !/^(?:at |Node\.js v)/u.test(line)).slice(-3);
}

/** Decides whether a restore could start its guardian. */
export function judgeTrialStart({ exitCode, output }: TrialStart): Finding {
  if (exitCode === 0) return ok("The add-in's program starts as a process of its own.");
  const how = exitCode === null ? "did not end within 30 s" : `ended with exit code ${exitCode}`;
  return {
    verdict: "fail",
    found: [`The add-in's program ${how}.`, ...reasonIn(output)].join("\n"),
    advice:
      "Look whether a rule (AppLocker, App Control, virus scanner) forbids the program, and whether its files are whole.",
  };
}

const LIMIT_MS = 30_000;

/** Returns arguments with which the program reads its script and does nothing else. */
function harmless({ serverScript }: Installation): readonly string[] {
  return serverScript === undefined ? ["--help"] : ["--check", serverScript];
}

export const guardianCheck: AddinCheck = {
  id: "guardian",
  title: "A guardian can start",
  why: "If the backup program dies during a restore, the guardian ends the session. It is a second process of the add-in.",
  about: "application",
  needsAddin: true,
  run: async ({ installation }, { signal }) => {
    if (installation === undefined) return notApplicable("No add-in of wsb-addin is registered.");
    const { nodeExe: program } = installation;
    if (!existsSync(program)) {
      return judgeTrialStart({ exitCode: 2, output: `${program} is missing.` });
    }
    const args = harmless(installation);
    return judgeTrialStart(await runChild({ program, args, signal, timeoutMs: LIMIT_MS }));
  },
};
