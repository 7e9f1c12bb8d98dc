import { WsbError, errorText } from "../../base/errors.ts";
import {
  VERDICTS,
  notApplicable,
  notVisible,
  type Check,
  type DoctorAddin,
  type DoctorMachine,
  type Finding,
  type Verdict,
} from "./check.ts";

/** A check with what it found. */
export interface CheckResult extends Finding {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  /** Writer of the application; absent for a check of the machine. */
  readonly writerId?: string;
}

/** What is examined. */
export interface Examined {
  readonly machine: DoctorMachine;
  readonly addins: readonly DoctorAddin[];
}

/** Stands for a check that did not come to a finding. */
function failedCheck(error: unknown): Finding {
  if (error instanceof WsbError && error.code === "ERR_WSB_ACCESS_DENIED") {
    return { ...notVisible("This"), found: errorText(error) };
  }
  return {
    verdict: "unknown",
    found: `This check could not be made: ${errorText(error)}`,
    advice: "Fix what this error names, then run doctor again.",
  };
}

async function isolated(run: () => Finding | Promise<Finding>): Promise<Finding> {
  try {
    return await run();
  } catch (error) {
    return failedCheck(error);
  }
}

async function runOne(
  check: Check,
  machine: DoctorMachine,
  addin: DoctorAddin | undefined,
): Promise<CheckResult> {
  const { id, title, why } = check;
  const finding = await isolated(() => findingOf(check, machine, addin));
  return { id, title, why, ...(addin && { writerId: addin.writerId }), ...finding };
}

function findingOf(
  check: Check,
  machine: DoctorMachine,
  addin: DoctorAddin | undefined,
): Finding | Promise<Finding> {
  const { absentInWine } = check;
  if (absentInWine !== undefined && machine.api.isWine()) return notApplicable(absentInWine);
  if (check.about === "machine") return check.run(machine);
  if (addin === undefined) return notApplicable("There is no application to check.");
  if (check.needsAddin === true && addin.clsid === undefined) {
    return notApplicable("This application has no add-in.");
  }
  return check.run(addin, machine);
}

/**
 * Makes all checks, one after the other, so that none changes what another measures. A check that
 * fails is `unknown` and does not stop the others.
 */
export async function runChecks(
  checks: readonly Check[],
  { machine, addins }: Examined,
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of checks) {
    machine.signal.throwIfAborted();
    const subjects = check.about === "machine" || addins.length === 0 ? [undefined] : addins;
    for (const addin of subjects) results.push(await runOne(check, machine, addin));
  }
  return results;
}

/** Returns the worst verdict; `ok` if there is none. */
export function worstVerdict(results: readonly Finding[]): Verdict {
  const places = results.map(({ verdict }) => VERDICTS.indexOf(verdict));
  return VERDICTS[Math.max(VERDICTS.indexOf("ok"), ...places)] ?? "ok";
}

/** Tells whether nothing is wrong as far as it can be seen, and an elevated prompt would show more. */
export function needsOnlyElevation(results: readonly Finding[]): boolean {
  const bad = results.filter(({ verdict }) => verdict !== "ok" && verdict !== "not applicable");
  return bad.length > 0 && bad.every((one) => one.needsElevation === true);
}
