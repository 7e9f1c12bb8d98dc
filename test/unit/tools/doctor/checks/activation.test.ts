import { describe, expect, it } from "vitest";

import {
  activationCheck,
  judgeActivation,
} from "../../../../../src/tools/doctor/checks/activation.ts";
import { addinWith, machineWith, make } from "../../../../helpers/doctor-bed.ts";

const OPEN_SESSION = {
  state: "in progress",
  openedAt: "",
  stoppedServices: [],
  lines: [],
} as const;
const command = (text: string): string => text;

describe("the activation", () => {
  it.each([
    [0, 1000, "ok"],
    [0, 19_999, "ok"],
    [0, 20_000, "warn"],
    [0x80080005, 100, "fail"],
    [undefined, 80_000, "fail"],
  ])("with HRESULT %s after %i ms is %s", (hresult, elapsedMs, verdict) => {
    expect(judgeActivation({ hresult, elapsedMs }, command).verdict).toBe(verdict);
  });

  it("of a class that is not registered fails with COM's code", async () => {
    const finding = await make(activationCheck);
    expect(finding.verdict).toBe("fail");
    expect(finding.found).toContain("REGDB_E_CLASSNOTREG");
  });

  it("releases the add-in", async () => {
    let released = 0;
    const value = Object.assign(Object.create(null), {
      release: async () => {
        released += 1;
      },
    });
    const activate = async () => ({ hresult: 0, description: null, value });
    expect(await make(activationCheck, machineWith({ activate }))).toMatchObject({ verdict: "ok" });
    expect(released).toBe(1);
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
