import { describe, expect, it, vi } from "vitest";

import {
  activationCheck,
  judgeActivation,
} from "../../../../../src/tools/doctor/checks/activation.ts";
import { WsbError } from "../../../../../src/base/errors.ts";
import type { NativeBinding } from "../../../../../src/runtime/native/binding.ts";
import { lineAt } from "../../../../helpers/event-lines.ts";
import { addinWith, machineWith, make } from "../../../../helpers/doctor-bed.ts";

const OPEN_SESSION = {
  state: "in progress",
  openedAt: "",
  stoppedServices: [],
  lines: [],
} as const;
function activated(onRelease: () => void): NativeBinding["activate"] {
  const release = async (): Promise<void> => onRelease();
  const value = Object.assign(Object.create(null), { release });
  return async () => ({ hresult: 0, description: null, value });
}

const command = (text: string): string => text;

describe("the activation", () => {
  it.each([
    [0, 1000, "ok"],
    [0, 19_999, "ok"],
    [0, 20_000, "warn"],
    [0x80080005, 100, "fail"],
    [undefined, 80_000, "fail"],
  ])("with HRESULT %s after %i ms is %s", (hresult, elapsedMs, verdict) => {
    expect(judgeActivation({ hresult, elapsedMs, ranBefore: false }, command).verdict).toBe(
      verdict,
    );
  });

  it("of a class that is not registered fails with COM's code", async () => {
    const finding = await make(activationCheck);
    expect(finding.verdict).toBe("fail");
    expect(finding.found).toContain("REGDB_E_CLASSNOTREG");
  });

  it("releases the add-in", async () => {
    let released = 0;
    const machine = machineWith({
      activate: activated(() => {
        released += 1;
      }),
    });
    expect(await make(activationCheck, machine)).toMatchObject({ verdict: "ok" });
    expect(released).toBe(1);
  });

  it.each([
    ["started before it", -60_000, true],
    ["starts with it", 60_000, false],
  ])("of a server that %s says whether its start was timed", async (_, laterMs, ranBefore) => {
    const machine = machineWith({ activate: activated(() => {}) });
    const time = new Date(Date.now() + laterMs).toISOString();
    const started = { ...lineAt(0, { event: "serverStarted" }), time };
    const finding = await make(activationCheck, machine, addinWith({ events: () => [started] }));
    expect(finding.verdict).toBe("ok");
    expect(finding.found.includes("It ran already")).toBe(ranBefore);
  });

  it("is known also where the events cannot be read", async () => {
    const events = vi.fn<() => never>(() => {
      throw new WsbError("ERR_WSB_FOREIGN_FILE", "Not ours.");
    });
    const machine = machineWith({ activate: activated(() => {}) });
    const finding = await make(activationCheck, machine, addinWith({ events }));
    expect(finding.verdict).toBe("ok");
    expect(events).toHaveBeenCalledOnce();
  });

  it("is not tried while a restore session is open", async () => {
    const finding = await make(
      activationCheck,
      machineWith(),
      addinWith({ session: () => OPEN_SESSION }),
    );
    expect(finding.verdict).toBe("not applicable");
  });

  it("is not tried without an elevated prompt", async () => {
    const finding = await make(activationCheck, machineWith({ elevated: false }));
    expect(finding).toMatchObject({ verdict: "unknown", needsElevation: true });
  });
});
