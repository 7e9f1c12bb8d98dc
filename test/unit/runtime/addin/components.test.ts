import { describe, expect, it } from "vitest";

import { packComponents, unpackComponents } from "../../../../src/runtime/addin/components.ts";

describe("a list of components", () => {
  it.each([
    ["none", []],
    ["one of two NULLs", [{ componentName: null, logicalPath: null }]],
    ["one of empty texts", [{ componentName: "", logicalPath: "" }]],
    [
      "several",
      [
        { componentName: "a", logicalPath: null },
        { componentName: null, logicalPath: "x\\y" },
        { componentName: "", logicalPath: "\ud800 \u{1f4be}" },
      ],
    ],
  ])("with %s is unchanged after encoding and decoding", (_, components) => {
    expect(unpackComponents(packComponents(components))).toEqual(components);
  });

  it("is not encoded with a name that contains NUL", () => {
    expect(() => packComponents([{ componentName: "a\0b", logicalPath: null }])).toThrow(
      expect.objectContaining({ code: "ERR_WSB_INVALID_ARGUMENT" }),
    );
  });
});
