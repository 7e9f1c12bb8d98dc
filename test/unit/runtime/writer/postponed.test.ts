import { beforeEach, describe, expect, it } from "vitest";

import { Postponed } from "../../../../src/runtime/writer/postponed.ts";
import { Scheduler } from "../../../simulation/machine/scheduler.ts";

let scheduler: Scheduler;
let postponed: Postponed;
let done: string[];

beforeEach(() => {
  scheduler = new Scheduler();
  postponed = new Postponed((ms, ring) => scheduler.after(ms, ring));
  done = [];
});

function put(name: string): void {
  postponed.put(() => void done.push(name));
}

async function pass(ms: number): Promise<void> {
  await scheduler.until(scheduler.wait(ms));
}

describe("postponed work", () => {
  it("is done a moment later, once", async () => {
    put("first");
    expect(done).toEqual([]);
    await pass(1);
    postponed.now();
    await pass(10);
    expect(done).toEqual(["first"]);
  });

  it("is done before the next", () => {
    put("first");
    put("second");
    expect(done).toEqual(["first"]);
  });

  it("has its own moment, also when the one before was done early", async () => {
    put("first");
    await pass(0.5);
    postponed.now();
    put("second");
    await pass(0.75);
    expect(done).toEqual(["first"]);
    await pass(0.25);
    expect(done).toEqual(["first", "second"]);
  });
});
