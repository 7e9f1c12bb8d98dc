import { describe, expect, it } from "vitest";

import { exitCodeOf } from "../../../../../src/tools/cli/shared/exit-code.ts";
import { errorDocument } from "../../../../../src/tools/cli/shared/output.ts";
import { requireElevation } from "../../../../../src/tools/cli/shared/require-elevation.ts";
import { WsbError, type WsbErrorCode } from "../../../../../src/base/errors.ts";
import { createFakeBinding } from "../../../../helpers/fakes/fake-binding.ts";

const codes: readonly (readonly [WsbErrorCode, number])[] = [
  ["ERR_WSB_INVALID_ARGUMENT", 2],
  ["ERR_WSB_INVALID_MANIFEST", 2],
  ["ERR_WSB_METADATA", 2],
  ["ERR_WSB_WRITABLE_FOLDER", 2],
  ["ERR_WSB_CONFLICT", 3],
  ["ERR_WSB_ACCESS_DENIED", 5],
  ["ERR_WSB_UNSUPPORTED_PLATFORM", 1],
  ["ERR_WSB_NATIVE_LOAD", 1],
  ["ERR_WSB_FILE", 1],
  ["ERR_WSB_TARGET_EXISTS", 1],
  ["ERR_WSB_WINDOWS_API", 1],
  ["ERR_WSB_SERVICE", 1],
  ["ERR_WSB_HANDLER", 1],
  ["ERR_WSB_TIMEOUT", 1],
  ["ERR_WSB_BUILD", 1],
  ["ERR_WSB_LAB", 1],
];

describe("exitCodeOf", () => {
  it.each(codes)("returns for %s: %i", (code, exitCode) => {
    expect(exitCodeOf(new WsbError(code, "x"))).toBe(exitCode);
  });

  it.each([new Error("x"), "x", undefined, null, { code: "ERR_WSB_CONFLICT" }])(
    "returns 1 for anything else",
    (thrown) => {
      expect(exitCodeOf(thrown)).toBe(1);
    },
  );
});

describe("errorDocument", () => {
  it("contains code, function, and HRESULT in Windows' form", () => {
    const error = new WsbError("ERR_WSB_WINDOWS_API", "No.", { hresult: -2147024891, api: "RegX" });
    expect(errorDocument(error)).toEqual({
      code: "ERR_WSB_WINDOWS_API",
      docs: "docs/errors.md#err_wsb_windows_api",
      message: "No.",
      hresult: "0x80070005",
      api: "RegX",
    });
  });

  it("contains the system's name of a file error", () => {
    const error = new WsbError("ERR_WSB_FILE", "No.", { errno: "ENOSPC" });
    expect(errorDocument(error)).toEqual({
      code: "ERR_WSB_FILE",
      docs: "docs/errors.md#err_wsb_file",
      message: "No.",
      errno: "ENOSPC",
    });
  });

  it("omits the fields that the error does not have", () => {
    expect(errorDocument(new WsbError("ERR_WSB_LAB", "No lab."))).toEqual({
      code: "ERR_WSB_LAB",
      docs: "docs/errors.md#err_wsb_lab",
      message: "No lab.",
    });
  });

  it("has a message for any thrown value", () => {
    expect(errorDocument("broken")).toEqual({ message: "broken" });
  });
});

describe("requireElevation", () => {
  it("accepts an administrator", () => {
    expect(() => requireElevation(createFakeBinding())).not.toThrow();
  });

  it("refuses other users", () => {
    expect(() => requireElevation(createFakeBinding({ elevated: false }))).toThrow(
      expect.objectContaining({ code: "ERR_WSB_ACCESS_DENIED" }),
    );
  });
});
