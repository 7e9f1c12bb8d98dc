import { describe, expect, it } from "vitest";

import {
  formatJournal,
  parseJournal,
  type Journal,
} from "../../../../src/runtime/restore/journal.ts";
import {
  enterComponent,
  openSession,
  setPhase,
} from "../../../../src/runtime/restore/transitions.ts";
import { CLSID } from "../../../helpers/manifest.ts";

const server = { pid: 1, startedAt: "133", image: "C:\\node.exe" };

export function sampleJournal(): Journal {
  const opened = openSession({
    sessionId: "s",
    clsid: CLSID,
    now: new Date(0),
    onAbandonedRestore: "keepStopped",
    server,
    services: [
      {
        name: "Ledger",
        stateBefore: "RUNNING",
        startTypeBefore: "automatic",
        isDependent: false,
        phase: "stopping",
      },
    ],
  });
  const component = { componentName: "lone \uD800", logicalPath: null };
  return setPhase(enterComponent(opened, { component, client: server }), "open");
}

describe("a journal's text", () => {
  it("is preserved, including lone surrogates", () => {
    expect(parseJournal(formatJournal(sampleJournal()))).toEqual(sampleJournal());
  });

  it.each([
    ["nothing", ""],
    ["half of it", formatJournal(sampleJournal()).slice(0, 200)],
    ["zeros, as a power cut leaves them", "\0".repeat(500)],
    [
      "another version",
      formatJournal(sampleJournal()).replace('"schemaVersion": 2', '"schemaVersion": 3'),
    ],
    ["a list", "[]"],
    ["null", "null"],
  ])("is refused when it is %s", (_, text) => {
    expect(parseJournal(text)).toBeUndefined();
  });

  it("is refused when any field is missing or of another kind", () => {
    // Uses every path of the sample, so that new fields are covered automatically.
    const paths: (readonly (string | number)[])[] = [];
    const collect = (value: unknown, path: readonly (string | number)[]): void => {
      if (typeof value !== "object" || value === null) return;
      for (const [key, inner] of Object.entries(value)) {
        const step = [...path, Array.isArray(value) ? Number(key) : key];
        paths.push(step);
        collect(inner, step);
      }
    };
    collect(sampleJournal(), []);
    expect(paths.length).toBeGreaterThan(20);
    for (const path of paths) {
      for (const wrong of [Symbol("missing"), 1.5, true]) {
        const broken: Record<string | number, never> = JSON.parse(formatJournal(sampleJournal()));
        let owner: Record<string | number, unknown> = broken;
        for (const step of path.slice(0, -1)) owner = Object(owner[step]);
        const last = path.at(-1) ?? "";
        const before = owner[last];
        if (typeof wrong === typeof before) continue;
        // A shorter list is still a valid journal.
        if (typeof wrong === "symbol" && Array.isArray(owner)) continue;
        owner[last] = wrong;
        expect(parseJournal(JSON.stringify(broken)), `${path.join(".")} ${String(wrong)}`).toBe(
          undefined,
        );
      }
    }
  });
});
