import { describe, expect, it } from "vitest";

import { HRESULT } from "../../../../../src/base/hresult.ts";
import { WsbError } from "../../../../../src/base/errors.ts";
import type { EventLine } from "../../../../../src/runtime/events/definitions.ts";
import { CHECKS } from "../../../../../src/tools/doctor/checks/all.ts";
import { consistencyCheck } from "../../../../../src/tools/doctor/checks/consistency.ts";
import { runChecks } from "../../../../../src/tools/doctor/run-checks.ts";
import { addinWith, machineWith, make } from "../../../../helpers/doctor-bed.ts";
import { lineAt } from "../../../../helpers/event-lines.ts";

const FAILED = 0x807a0001;
const REASON = "Page 7 is torn.";

interface Played {
  readonly component: string;
  readonly hresult: number;
  readonly id?: number;
  readonly pid?: number;
  readonly clientPid?: number;
}

/** The events of a check, as the add-in writes them. */
function check({
  component,
  hresult,
  id = 1,
  pid = 10,
  clientPid = 900,
}: Played): readonly EventLine[] {
  const call = { id, method: "checkConsistency", component } as const;
  const from = { pid };
  return [
    lineAt(0, { event: "callReceived", ...call, clientPid }, from),
    lineAt(1, { event: "callAnswered", ...call, durationMs: 1, hresult: 0 }, from),
    ...(hresult === FAILED
      ? [lineAt(2, { event: "handlerFailed", ...call, code: "Error", hresult, text: REASON }, from)]
      : []),
    lineAt(3, { event: "checkFinished", ...call, durationMs: 3, hresult }, from),
  ];
}

function refuse(): never {
  throw new WsbError("ERR_WSB_ACCESS_DENIED", "No access.");
}

const good = check({ component: "A", hresult: 0 });
const bad = check({ component: "A", hresult: FAILED, id: 2 });

function judge(lines: readonly EventLine[]) {
  return make(consistencyCheck, machineWith(), addinWith({ events: () => lines }));
}

describe("the last consistency checks", () => {
  it.each([
    ["a good one", "ok", good],
    ["a failed one", "warn", bad],
    [
      "a good one after a failed one",
      "ok",
      [...bad, ...check({ component: "A", hresult: 0, id: 3 })],
    ],
    ["a failed one after a good one", "warn", [...good, ...bad]],
    [
      "a failed one of another component",
      "warn",
      [
        ...check({ component: "B", hresult: FAILED }),
        ...check({ component: "A", hresult: 0, id: 2 }),
      ],
    ],
    [
      "a failed one of an earlier backup",
      "ok",
      [
        ...check({ component: "B", hresult: FAILED, clientPid: 800 }),
        ...check({ component: "A", hresult: 0, id: 2 }),
      ],
    ],
    [
      "a failed one that was cancelled",
      "ok",
      [...good, ...check({ component: "A", hresult: HRESULT.E_ABORT, id: 2 })],
    ],
    [
      "the same id in another process",
      "ok",
      [...bad, ...check({ component: "A", hresult: 0, id: 2, pid: 11 })],
    ],
    ["one that has not ended", "not applicable", good.slice(0, 2)],
    ["none", "not applicable", []],
  ])("with %s are %s", async (_, verdict, lines) => {
    expect(await judge(lines)).toMatchObject({ verdict });
  });

  it("that could not begin count as failed", async () => {
    const call = { id: 1, method: "checkConsistency", component: "A" } as const;
    const lines = [
      lineAt(0, { event: "callReceived", ...call }),
      lineAt(1, { event: "callAnswered", ...call, durationMs: 1, hresult: FAILED }),
    ];
    expect(await judge(lines)).toMatchObject({ verdict: "warn" });
  });

  it("that failed are shown with component, reason and the event of Windows", async () => {
    const { found, advice } = await judge(bad);
    for (const part of ["2025-08-01T01:03:12.003Z", "A", REASON]) expect(found).toContain(part);
    expect(advice).toContain("565");
    expect(advice).toContain("wsb-addin log");
  });

  it("need an elevated prompt where only it may read the events", async () => {
    const examined = { machine: machineWith(), addins: [addinWith({ events: refuse })] };
    const only = CHECKS.filter(({ id }) => id === "consistency");
    expect(await runChecks(only, examined)).toMatchObject([
      { verdict: "unknown", needsElevation: true },
    ]);
  });
});
