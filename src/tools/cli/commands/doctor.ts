import { Command } from "commander";

import { fields } from "../../../base/document/fields.ts";
import { boolean, choice, list, string } from "../../../base/document/kinds.ts";
import { loadBinding } from "../../../runtime/native/binding.ts";
import { VERDICTS } from "../../doctor/check.ts";
import { CHECKS } from "../../doctor/checks/all.ts";
import {
  needsOnlyElevation,
  runChecks,
  worstVerdict,
  type CheckResult,
} from "../../doctor/run-checks.ts";
import { resultsLines } from "../../doctor/show-results.ts";
import { windowsPrograms } from "../../doctor/windows-programs.ts";
import { setAction, type ContextOf } from "../shared/command.ts";
import { commandDocument, guid, open } from "../shared/document.ts";
import { examined, type ExamineOptions } from "../shared/examine.ts";
import { EXIT } from "../shared/exit-code.ts";

const verdict = choice(VERDICTS);

const result = fields(
  {
    id: string.about("Stable id of the check; test this one.", { examples: ["registration"] }),
    title: string,
    verdict: verdict.about(
      "unknown: the check could not be made; not applicable: there is nothing to check here.",
    ),
    writerId: guid
      .about("Writer of the application; absent for a check of the machine.")
      .optional(),
    found: string.about("What was found, for people."),
    why: string.about("Why it matters, for people."),
    advice: string.about("What to do, for people; absent if there is nothing to do.").optional(),
    needsElevation: boolean
      .about("Whether an elevated prompt would show what could not be seen.")
      .optional(),
  },
  open,
);

const application = fields({ name: string, writerId: guid }, open);

const document = commandDocument("Output of doctor: what is wrong on this machine.", {
  ok: boolean.about("Whether each check is ok or not applicable."),
  verdict: verdict.about("The worst verdict."),
  applications: list(application).about("The applications that were examined."),
  checks: list(result).about("All checks, in the order in which they were made."),
});

type Context = ContextOf<typeof document>;

/** Returns the exit code of all results. */
export function doctorExitCode(results: readonly CheckResult[]): number {
  const worst = worstVerdict(results);
  if (worst === "ok" || worst === "not applicable") return EXIT.done;
  return needsOnlyElevation(results) ? EXIT.elevation : EXIT.failed;
}

async function diagnose(
  options: ExamineOptions,
  isGiven: boolean,
  { output, signal }: Context,
): Promise<number> {
  const api = loadBinding();
  const addins = examined(api, options, isGiven);
  const machine = { api, programs: windowsPrograms(api, signal), now: new Date(), signal };
  const results = await runChecks(CHECKS, { machine, addins });
  const code = doctorExitCode(results);
  const names = addins.map(({ name }) => name).join(", ") || "no application of wsb-addin";
  output.line(`Examined: this machine and ${names}.`);
  output.line("");
  for (const line of resultsLines(results, addins)) output.line(line);
  output.json({
    ok: code === EXIT.done,
    verdict: worstVerdict(results),
    applications: addins.map(({ name, writerId }) => ({ name, writerId })),
    checks: results,
  });
  return code;
}

export function doctorCommand(): Command {
  const command = new Command("doctor")
    .description(
      "find what is wrong with add-ins, writers and Windows Server Backup; changes nothing; exit code 0, 1 or 5",
    )
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json")
    .option("--writer-id <guid>", "writer of the add-in, if there is no manifest")
    .option(
      "--metadata <file>",
      "writer metadata document, to check the volumes of its components",
    );
  return setAction(command, "windows", document, (options: ExamineOptions, context) =>
    diagnose(options, command.getOptionValueSource("manifest") === "cli", context),
  );
}
