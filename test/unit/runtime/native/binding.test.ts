import { describe, expect, it } from "vitest";

import { loadBinding } from "../../../../src/runtime/native/binding.ts";

describe.runIf(process.platform !== "win32")("loadBinding off Windows", () => {
  it("reports that the platform is not supported", () => {
    expect(() => loadBinding()).toThrow(
      expect.objectContaining({ code: "ERR_WSB_UNSUPPORTED_PLATFORM" }),
    );
  });
});
