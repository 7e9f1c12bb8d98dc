import { HRESULT, isFailure } from "../../../base/hresult.ts";
import type { EventLine } from "../../../runtime/events/definitions.ts";
import { notApplicable, ok, type AddinCheck, type DoctorAddin, type Finding } from "../check.ts";

/** A consistency check in the add-in's events. */
interface ConsistencyCheck {
  readonly component: string;
  readonly clientPid: number | undefined;
  /** The sentence of the handler's failure. */
  reason?: string;
  /** Absent until it has ended. */
  end?: { readonly time: string; readonly hresult: number };
}

/** Returns the checks in the order in which they began. */
function checksIn(lines: readonly EventLine[]): readonly ConsistencyCheck[] {
  const checks: ConsistencyCheck[] = [];
  // An id is unique in its process only, and a process id comes back.
  const latest = new Map<string, ConsistencyCheck>();
  const checkOf = ({ pid, id }: { readonly pid: number; readonly id?: number | undefined }) =>
    latest.get(`${pid} ${id}`);
  for (const line of lines) {
    if (!("method" in line) || line.method !== "checkConsistency") continue;
    if (line.event === "callReceived") {
      const { component = "", clientPid } = line;
      const check: ConsistencyCheck = { component, clientPid };
      checks.push(check);
      latest.set(`${line.pid} ${line.id}`, check);
      continue;
    }
    const check = checkOf(line);
    if (check === undefined) continue;
    if (line.event === "handlerFailed") check.reason = line.text;
    // An answer of S_OK only says that the check began.
    else if (line.event === "checkFinished" || isFailure(line.hresult)) {
      check.end = { time: line.time, hresult: line.hresult };
    }
  }
  return checks;
}

/** Decides about the checks of the last backup, or of the last simulation of one. */
export function judgeConsistency(
  lines: readonly EventLine[],
  { command }: Pick<DoctorAddin, "command">,
): Finding {
  // A backup that somebody cancels says nothing about the files.
  const ended = checksIn(lines).filter(
    ({ end }) => end !== undefined && end.hresult !== HRESULT.E_ABORT,
  );
  const client = ended.at(-1)?.clientPid;
  const last = new Map(
    ended.filter(({ clientPid }) => clientPid === client).map((one) => [one.component, one]),
  );
  if (last.size === 0) return notApplicable("The add-in's events have no consistency check.");
  const failed = [...last.values()].flatMap(({ component, reason, end }) =>
    end !== undefined && isFailure(end.hresult)
      ? [`${end.time}: ${component || "a component"}: ${reason ?? "the check failed"}`]
      : [],
  );
  if (failed.length === 0) {
    return ok(`The last checks found ${[...last.keys()].join(", ")} consistent.`);
  }
  return {
    verdict: "warn",
    found: ["The last consistency check failed.", ...failed].join("\n"),
    advice: [
      "Repair these files, then make a backup. Windows names the backup without the application in event 565 of Microsoft-Windows-Backup. For the stack of the failure, run:",
      command("log"),
    ].join("\n"),
  };
}

export const consistencyCheck: AddinCheck = {
  id: "consistency",
  title: "Last consistency checks succeeded",
  why: "A backup whose check fails succeeds, but the application is not available in it.",
  about: "application",
  needsAddin: true,
  run: (addin) => judgeConsistency(addin.events(), addin),
};
