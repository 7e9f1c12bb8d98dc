import { describe, expect, it } from "vitest";

import { showComponent } from "../../../src/base/component.ts";

describe("showComponent", () => {
  it.each([
    ["Ledger", "Accounts", "Ledger\\Accounts"],
    [null, "Accounts", "Accounts"],
    ["", "Accounts", "Accounts"],
    ["Ledger", null, "Ledger\\"],
    [null, null, ""],
  ])("writes %j and %j as %j", (logicalPath, componentName, text) => {
    expect(showComponent({ logicalPath, componentName })).toBe(text);
  });
});
