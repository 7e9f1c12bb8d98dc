import { describe, expect, it } from "vitest";

import { eventSource } from "../../../../src/runtime/events/event-source.ts";
import { WRITER_ID } from "../../../helpers/manifest.ts";

describe("eventSource", () => {
  it.each([
    ["Contoso Ledger", "Contoso Ledger (wsb-addin)"],
    ["Größe 1.0 (test)_日本-📒", "Größe 1.0 (test)_日本-- CE4EF7DC (wsb-addin)"],
    ["Bücher", "Bücher (wsb-addin)"],
    ["A\\B", "A-B CE4EF7DC (wsb-addin)"],
    [`%x% [y] {z} "q" $a & <b>`, "-x- -y- -z- -q- -a - -b- CE4EF7DC (wsb-addin)"],
    ["\uD83D", "- CE4EF7DC (wsb-addin)"],
  ])("names the source of %j %j", (applicationIdentifier, name) => {
    expect(eventSource({ applicationIdentifier, writerId: WRITER_ID })).toBe(name);
  });

  it.each(["L".repeat(256), "\u{20000}".repeat(128), `L${"\u{20000}".repeat(127)}`])(
    "fits into the name of a key without splitting a surrogate pair: %j",
    (applicationIdentifier) => {
      const name = eventSource({ applicationIdentifier, writerId: WRITER_ID });
      expect(name.length).toBeLessThanOrEqual(255);
      expect(name).not.toMatch(/\p{Cs}/u);
      expect(name).toMatch(/ CE4EF7DC \(wsb-addin\)$/u);
    },
  );

  it("returns different names for identifiers that differ only in replaced characters", () => {
    const other = { applicationIdentifier: "A-B", writerId: WRITER_ID };
    expect(eventSource({ ...other, applicationIdentifier: "A/B" })).not.toBe(eventSource(other));
  });
});
