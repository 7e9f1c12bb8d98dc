import { describe, expect, it } from "vitest";

import {
  enterComponent,
  failEntering,
  failPreparing,
  failRestoring,
  finishComponent,
  leaveComponent,
  listServices,
  prepareComponent,
  setServices,
  settleLeft,
} from "../../../../src/runtime/restore/transitions.ts";
import type {
  ComponentProgress,
  JournalService,
} from "../../../../src/runtime/restore/journal/step.ts";
import { FakeProcesses } from "../../../helpers/fakes/session-bed.ts";
import { sessionWith } from "../../../helpers/session-with.ts";

const processes = new FakeProcesses();
const server = processes.identity(1);
const client = processes.identity(2);
const other = processes.identity(3);
const one = { componentName: "Accounts", logicalPath: "Ledger" };
const restoring = { component: one, client };
const prepared: ComponentProgress = { ...one, client, phase: "prepared", outcome: "ok" };

function sessionOf(...components: readonly ComponentProgress[]) {
  return sessionWith({ server, components });
}

describe("a component whose PreRestore begins", () => {
  const entering = { ...restoring, noRollForward: true };

  it("is new to the session", () => {
    expect(enterComponent(sessionOf(), entering)).toEqual({
      type: "component",
      ...one,
      client,
      phase: "preparing",
      noRollForward: true,
    });
  });

  it.each([
    ["prepared", { phase: "prepared" }, true],
    ["abandoned", { phase: "abandoned" }, true],
    ["being prepared", { phase: "preparing" }, undefined],
    ["being prepared again", { phase: "preparing", mayBeOverwritten: true }, true],
    ["finished", { phase: "finished" }, undefined],
    ["left", { phase: "left" }, undefined],
    ["left after it had been prepared", { phase: "left", mayBeOverwritten: true }, true],
  ] as const)("may have been overwritten if it was %s", (_, before, mayBeOverwritten) => {
    const session = sessionOf({ ...prepared, ...before });
    const isHalf = mayBeOverwritten === true;
    expect(enterComponent(session, entering)).toMatchObject({ phase: "preparing" });
    for (const change of [
      enterComponent(session, entering),
      leaveComponent(session, restoring, "Books are open."),
    ]) {
      expect("mayBeOverwritten" in change && change.mayBeOverwritten).toBe(isHalf);
    }
    expect(failEntering(session, restoring, "Books are open.")).toMatchObject({
      phase: isHalf ? "abandoned" : "finished",
    });
  });
});

describe("a component whose call ends", () => {
  it("is prepared, or left with the reason", () => {
    const session = sessionOf({ ...prepared, phase: "preparing", noRollForward: true });
    const known = { type: "component", ...one, client, noRollForward: true };
    expect(prepareComponent(session, restoring)).toEqual({
      ...known,
      phase: "prepared",
      outcome: "ok",
    });
    expect(leaveComponent(session, restoring, "Books are open.")).toEqual({
      ...known,
      phase: "left",
      outcome: "Books are open.",
    });
  });

  it("is half restored after a PreRestore that failed only if an earlier one succeeded", () => {
    const preparing: ComponentProgress = { ...prepared, phase: "preparing" };
    expect(failPreparing(sessionOf(preparing), restoring, "x")).toMatchObject({
      phase: "finished",
      outcome: "x",
    });
    const again: ComponentProgress = { ...preparing, mayBeOverwritten: true };
    expect(failPreparing(sessionOf(again), restoring, "x")).toMatchObject({ phase: "abandoned" });
  });

  it("is half restored after a PostRestore that failed, with a reason of limited length", () => {
    const change = failRestoring(sessionOf(prepared), restoring, "x".repeat(1000));
    expect(change).toMatchObject({ phase: "abandoned" });
    expect("outcome" in change ? change.outcome?.length : 0).toBeLessThanOrEqual(300);
  });

  it("settles the same component that another client had abandoned, and nothing else", () => {
    const session = sessionOf(
      prepared,
      { ...prepared, client: other, phase: "abandoned" },
      { ...prepared, client: null, phase: "prepared" },
      { ...prepared, componentName: "Archive", client: other, phase: "abandoned" },
    );
    const settled = { type: "component", ...one, phase: "finished", outcome: "ok" };
    expect(finishComponent(session, restoring)).toEqual([
      { ...settled, client },
      { ...settled, client: other },
    ]);
  });

  it("settles no other client's when it was abandoned itself", () => {
    const session = sessionOf(
      { ...prepared, phase: "abandoned" },
      { ...prepared, client: other, phase: "abandoned" },
    );
    expect(finishComponent(session, restoring)).toHaveLength(1);
  });

  it("settles itself once, though it was abandoned", () => {
    const session = sessionOf({ ...prepared, phase: "abandoned" });
    expect(finishComponent(session, restoring)).toHaveLength(1);
  });
});

describe("the services of a session", () => {
  const ledger: JournalService = {
    name: "Ledger",
    stateBefore: "RUNNING",
    startTypeBefore: "automatic",
    delayedStartBefore: true,
    isDependent: false,
    phase: "started",
  };
  const running: JournalService = {
    ...ledger,
    name: "LEDGER",
    startTypeBefore: "manual",
    phase: "listed",
  };

  it("change their phase together", () => {
    expect(setServices([ledger], "gone")).toEqual({
      type: "services",
      services: [{ ...ledger, phase: "gone" }],
    });
  });

  it.each([
    ["started", "listed"],
    ["gone", "listed"],
    ["passed", "listed"],
    ["listed", "listed"],
    ["stopping", "stopping"],
  ] as const)("stop again as they were before, from %s to %s", (from, to) => {
    const session = sessionWith({ server, services: [{ ...ledger, phase: from }] });
    expect(listServices(session, [running])).toStrictEqual([{ ...ledger, phase: to }]);
  });

  it("stay stopped afterwards where they do now", () => {
    const session = sessionWith({ server, services: [ledger] });
    const stays = { ...running, staysStopped: true as const };
    expect(listServices(session, [stays])).toMatchObject([{ staysStopped: true }]);
  });

  it("grow by what was not known", () => {
    const session = sessionWith({ server, services: [ledger] });
    const own = { ...running, name: "Own" };
    expect(listServices(session, [own])).toEqual([own]);
  });
});

describe("a PreRestore that stopped all services", () => {
  it("settles the failures that had left services stopped, and nothing else", () => {
    const left: ComponentProgress = { ...prepared, componentName: "Left", phase: "left" };
    const again: ComponentProgress = { ...left, client: other, mayBeOverwritten: true };
    const changes = settleLeft(sessionOf(prepared, left, again));
    expect(changes).toMatchObject([
      { componentName: "Left", client, phase: "finished" },
      { componentName: "Left", client: other, phase: "abandoned" },
    ]);
    expect(changes).toHaveLength(2);
  });
});
