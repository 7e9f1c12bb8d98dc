import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { activateOnce } from "../../../../src/tools/registration/activate.ts";
import { FakeRemoteAddin, failed, ok } from "../../../helpers/fakes/fake-remote-addin.ts";
import { passTime } from "../../../helpers/fakes/virtual-time.ts";
import { CLSID } from "../../../helpers/manifest.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("an activation that proves a registration", () => {
  it("releases the object, and leaves no timer", async () => {
    const addin = new FakeRemoteAddin();
    await activateOnce({ activate: async () => ok(addin) }, CLSID);
    expect(addin.calls).toEqual(["release"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("fails with COM's code", async () => {
    const api = { activate: async () => failed<FakeRemoteAddin>(0x80080005) };
    await expect(activateOnce(api, CLSID)).rejects.toMatchObject({
      code: "ERR_WSB_WINDOWS_API",
      hresult: 0x80080005,
      message: expect.stringContaining(CLSID),
    });
  });

  it("fails after its limit, not before", async () => {
    const api = { activate: () => new Promise<never>(() => {}) };
    const startMs = performance.now();
    await expect(passTime(activateOnce(api, CLSID, 3000))).rejects.toMatchObject({
      code: "ERR_WSB_TIMEOUT",
    });
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(3000);
  });
});
