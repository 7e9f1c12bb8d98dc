import { describe, expect, it } from "vitest";

import { refuseDebugger } from "../../../../src/runtime/addin/debugger.ts";

/** An inspector that listens, or not; and whether it was closed. */
function inspectorAt(url: string | undefined) {
  const closed: string[] = [];
  return { closed, url: () => url, close: () => void closed.push("closed") };
}

describe("a debugger's port", () => {
  it.each(["-Embedding", "-EMBEDDING"])("is closed in a server that COM starts: %s", (mode) => {
    const inspector = inspectorAt("ws://127.0.0.1:9229/x");
    expect(refuseDebugger(["node", "server.js", mode], inspector)).toBe(true);
    expect(inspector.closed).toEqual(["closed"]);
  });

  it.each([["--developer"], []])("stays in one that its developer starts: %s", (...mode) => {
    const inspector = inspectorAt("ws://127.0.0.1:9229/x");
    expect(refuseDebugger(["node", "server.js", ...mode], inspector)).toBe(false);
    expect(inspector.closed).toEqual([]);
  });

  it("that is not open is not closed", () => {
    const inspector = inspectorAt(undefined);
    expect(refuseDebugger(["node", "server.js", "-Embedding"], inspector)).toBe(false);
    expect(inspector.closed).toEqual([]);
  });
});
