import { expect, it } from "vitest";

import { reg } from "../../../../src/tools/export/reg.ts";
import { wxs } from "../../../../src/tools/export/wxs.ts";
import { contextOf, planOf } from "./context.ts";

it.each([
  ["reg", reg, "utf16le"],
  ["wxs", wxs, "utf8"],
] as const)("each %s file says that it cannot see an open session", (_, format, encoding) => {
  for (const { content } of format.write(planOf(), contextOf())) {
    expect(Buffer.from(content).toString(encoding)).toContain("wsb-addin recover");
  }
});
