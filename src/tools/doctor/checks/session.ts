import {
  notVisible,
  ok,
  type AddinCheck,
  type DoctorAddin,
  type Finding,
  type OpenSession,
} from "../check.ts";

/** Decides about the restore session that is open. */
export function judgeSession(
  session: OpenSession | undefined,
  { command }: Pick<DoctorAddin, "command">,
): Finding {
  if (session === undefined) return ok("No restore session is open.");
  const { state, openedAt, stoppedServices, lines } = session;
  const stopped = `Stopped services: ${stoppedServices.join(", ") || "none"}.`;
  if (state === "in progress") {
    return {
      verdict: "warn",
      found: `A restore has been running since ${openedAt}. ${stopped}`,
      advice: `Let it end. Then run again: ${command("doctor")}`,
    };
  }
  return {
    verdict: "fail",
    found: `A restore that began at ${openedAt} was abandoned. ${stopped}`,
    advice: lines.map((line) => line.trim()).join("\n"),
  };
}

export const sessionCheck: AddinCheck = {
  id: "session",
  title: "No restore is open",
  why: "An abandoned restore leaves services stopped, on files that may be half restored.",
  about: "application",
  needsAddin: true,
  run: (addin, { api }) =>
    api.isElevated() ? judgeSession(addin.session(), addin) : notVisible("A restore session"),
};
