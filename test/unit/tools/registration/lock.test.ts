import { describe, expect, it, vi } from "vitest";

import { withRegistrationLock } from "../../../../src/tools/registration/lock.ts";
import { NativeError } from "../../../helpers/fakes/native-error.ts";

describe("withRegistrationLock", () => {
  it("releases the mutex after the work, also when the work fails", async () => {
    const release = vi.fn<() => void>();
    const api = { acquireMutex: async () => ({ release }) };
    expect(await withRegistrationLock(api, () => "done")).toBe("done");
    await expect(
      withRegistrationLock(api, () => Promise.reject(new Error("failed"))),
    ).rejects.toThrow("failed");
    expect(release).toHaveBeenCalledTimes(2);
  });

  it.each([
    ["has the mutex for minutes", async () => null, "ERR_WSB_TIMEOUT"],
    [
      "has made its name something else",
      () => Promise.reject(new NativeError(0x80070006, "CreateMutexExW")),
      "ERR_WSB_WINDOWS_API",
    ],
  ])("does nothing when somebody else %s", async (_, acquireMutex, code) => {
    const work = vi.fn<() => void>();
    await expect(withRegistrationLock({ acquireMutex }, work)).rejects.toMatchObject({ code });
    expect(work).not.toHaveBeenCalled();
  });
});
