import { describe, expect, it } from "vitest";

import { identify, livingOn } from "../../../../src/runtime/restore/living.ts";

const running = { pid: 8, startedAt: "133", image: "C:\\client.exe" };

/** A machine on which one process runs. */
const machine = { processInfo: (pid: number) => (pid === running.pid ? running : null) };

/** A machine that says nothing about its processes. */
const closed = {
  processInfo: () => {
    throw new Error("Access is denied.");
  },
};

describe("a process", () => {
  it("is alive while it runs, and a later one with its id is another", () => {
    const living = livingOn(machine);
    expect(living.isAlive(running)).toBe(true);
    expect(living.isAlive({ ...running, startedAt: "132" })).toBe(false);
    expect(living.isAlive({ ...running, pid: 9 })).toBe(false);
  });

  it("counts as alive when it may not be asked", () => {
    expect(livingOn(closed).isAlive(running)).toBe(true);
  });

  it("is identified while it runs and may be asked", () => {
    expect(identify(machine, running.pid)).toEqual(running);
    expect(identify(machine, 9)).toBeNull();
    expect(identify(closed, running.pid)).toBeNull();
  });

  it("is unknown without an id, which is no process's", () => {
    expect(identify({ processInfo: () => running }, 0)).toBeNull();
    expect(identify({ processInfo: () => ({ ...running, pid: 1 }) }, 1)).toMatchObject({ pid: 1 });
  });
});
