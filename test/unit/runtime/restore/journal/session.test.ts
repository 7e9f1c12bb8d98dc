import { describe, expect, it } from "vitest";

import {
  SessionFold,
  halfRestored,
  namesToStart,
  owedNames,
  startedNames,
} from "../../../../../src/runtime/restore/journal/session.ts";
import type {
  Change,
  ComponentProgress,
  Step,
} from "../../../../../src/runtime/restore/journal/step.ts";
import { journalService, opened, server } from "../../../../helpers/journal-parts.ts";
import { sessionWith } from "../../../../helpers/session-with.ts";

const component: ComponentProgress = {
  componentName: "Accounts",
  logicalPath: "Ledger",
  client: server,
  phase: "abandoned",
};

function step(seconds: number, ...changes: readonly Change[]): Step {
  return { at: `2026-01-01T00:00:0${seconds}.000Z`, changes };
}

describe("a session, folded from its steps", () => {
  it("is none without the step that opens it", () => {
    expect(SessionFold.of([])).toBeUndefined();
    expect(SessionFold.of([step(1, { type: "phase", phase: "open" })])).toBeUndefined();
    expect(SessionFold.of([step(1), step(2, opened())])).toBeUndefined();
  });

  it("knows when it was opened and when its services were last found stopped", () => {
    const open: Change = { type: "phase", phase: "open" };
    const steps = [
      step(1, opened()),
      step(2, { type: "phase", phase: "stopping" }),
      step(3, open),
      step(4, { type: "phase", phase: "starting" }),
      step(5, { type: "ran", services: [] }),
    ];
    expect(SessionFold.of(steps.slice(0, 2))).toMatchObject({
      openedAt: "2026-01-01T00:00:01.000Z",
      stoppedAt: undefined,
      steps: 2,
    });
    expect(SessionFold.of(steps)).toMatchObject({
      stoppedAt: "2026-01-01T00:00:03.000Z",
      phase: "starting",
      isEnded: false,
    });
    expect(SessionFold.of([...steps, step(6, open)])?.stoppedAt).toBe("2026-01-01T00:00:06.000Z");
  });

  it("ends, and is served by whoever wrote last", () => {
    const other = { ...server, pid: 2 };
    const ended: Change = { type: "ended", outcome: "completed" };
    const steps = [step(1, opened()), step(2, { type: "server", server: other }), step(3, ended)];
    expect(SessionFold.of(steps)).toMatchObject({ server: other, isEnded: true });
  });

  it("owes the services that it stops, last stopped first", () => {
    const services = [
      journalService("A", { phase: "stopping" }),
      journalService("B", { phase: "started" }),
      journalService("C", { phase: "listed" }),
      journalService("D", { phase: "stopping" }),
      journalService("E", { phase: "started" }),
      journalService("F", { phase: "gone" }),
      journalService("G", { phase: "passed" }),
    ];
    const session = sessionWith({ server, services });
    expect([owedNames(session), startedNames(session)]).toEqual([
      ["D", "A"],
      ["E", "B"],
    ]);
    session.change({ type: "services", services: [journalService("a", { phase: "started" })] });
    expect(owedNames(session)).toEqual(["D"]);
    expect(session.services).toHaveLength(services.length);
  });

  it("owes one that was at rest its start type, and no start", () => {
    const services = [
      journalService("A", { phase: "stopping" }),
      journalService("B", { phase: "stopping", staysStopped: true }),
      journalService("C", { phase: "started", staysStopped: true }),
    ];
    const session = sessionWith({ server, services });
    expect([owedNames(session), namesToStart(session), startedNames(session)]).toEqual([
      ["B", "A"],
      ["A"],
      [],
    ]);
  });

  it("keeps who calls the last handler in what changes would make of it", () => {
    const session = sessionWith({ server, phase: "started" });
    expect([session.isStartedByServer, session.with([]).isStartedByServer]).toEqual([true, true]);
  });

  it("shows what changes would make of it, and does not change", () => {
    const session = sessionWith({
      server,
      components: [component],
      services: [journalService("A", { phase: "stopping" })],
      phase: "abandoned",
      damage: "the journal is damaged",
      settings: { abandonAfterMs: 5 },
    });
    const { sessionId, clsid, openedAt, settings, phase, damage, services } = session;
    const same = session.with([]);
    expect(same).toMatchObject({ sessionId, clsid, openedAt, server, settings, phase, damage });
    expect([same.services, same.components.all]).toEqual([services, [component]]);
    const changed = session.with([
      { type: "component", ...component, phase: "finished" },
      { type: "phase", phase: "starting" },
    ]);
    expect([halfRestored(changed), changed.phase]).toEqual([[], "starting"]);
    expect([halfRestored(session), session.phase]).toEqual([["Ledger\\Accounts"], "abandoned"]);
  });
});
