import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { schtasks } from "../../../../src/tools/registration/schtasks.ts";
import { passTime, virtualClock } from "../../../helpers/fakes/virtual-time.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Runs a schtasks.exe that ends with these codes, the last one for ever. */
async function runWith(...codes: readonly (number | null)[]): Promise<number> {
  let runs = 0;
  const run = async (args: readonly string[]): Promise<number | null> => {
    expect(args).toEqual(["/create"]);
    runs += 1;
    return codes[Math.min(runs, codes.length) - 1] ?? null;
  };
  await passTime(schtasks("create it", ["/create"], { run, clock: virtualClock }));
  return runs;
}

describe("schtasks.exe", () => {
  it("has done it when it ends with 0", async () => {
    await expect(runWith(0)).resolves.toBe(1);
  });

  it.each([1722, 1753])("is run again while the scheduler does not listen: %i", async (code) => {
    const startMs = virtualClock.now();
    await expect(runWith(code, code, 0)).resolves.toBe(3);
    expect(virtualClock.now() - startMs).toBeGreaterThanOrEqual(500);
  });

  it("is given up when nobody listens for twenty seconds", async () => {
    const startMs = virtualClock.now();
    await expect(runWith(1722)).rejects.toMatchObject({
      code: "ERR_WSB_WINDOWS_API",
      message: expect.stringMatching(/^Cannot create it: .*exit code 1722/u),
    });
    expect(virtualClock.now() - startMs).toBeGreaterThanOrEqual(20_000);
    expect(virtualClock.now() - startMs).toBeLessThan(21_000);
  });

  it.each([
    [1, "exit code 1"],
    [null, "no answer within a minute"],
  ])("fails at once with %s", async (code, text) => {
    const startMs = virtualClock.now();
    await expect(runWith(code)).rejects.toThrow(text);
    expect(virtualClock.now() - startMs).toBeLessThan(250);
  });

  it("says why it could not be run", async () => {
    const failing = { run: () => Promise.reject(new Error("there is no such program")) };
    const how = { ...failing, clock: virtualClock };
    await expect(schtasks("remove it", [], how)).rejects.toMatchObject({
      code: "ERR_WSB_WINDOWS_API",
      message: expect.stringContaining(
        "Cannot remove it: schtasks.exe ended with there is no such",
      ),
    });
  });
});
