import { describe, expect, it, vi } from "vitest";

import { HeldEvents } from "../../../../src/runtime/events/held-events.ts";
import type { AddinEvent } from "../../../../src/runtime/events/definitions.ts";

function message(text: string): AddinEvent {
  return { event: "message", level: "info", text };
}

describe("HeldEvents", () => {
  it("emits at once what is not held", () => {
    const emit = vi.fn<(event: AddinEvent, at?: Date) => void>();
    new HeldEvents(emit).emit(message("A"));
    expect(emit.mock.calls).toEqual([[message("A")]]);
  });

  it("emits what was held in its order and with its time", () => {
    const emit = vi.fn<(event: AddinEvent, at?: Date) => void>();
    const events = new HeldEvents(emit);
    events.hold();
    const before = new Date();
    events.emit(message("A"));
    events.emit(message("B"));
    expect(emit).not.toHaveBeenCalled();
    events.release();
    events.emit(message("C"));
    expect(emit.mock.calls.map(([event]) => event)).toEqual(["A", "B", "C"].map(message));
    const [first, , last] = emit.mock.calls;
    expect(first?.[1]?.getTime()).toBeGreaterThanOrEqual(before.getTime());
    expect(last?.[1]).toBeUndefined();
  });

  it("does nothing when it is held or released twice", () => {
    const emit = vi.fn<(event: AddinEvent, at?: Date) => void>();
    const events = new HeldEvents(emit);
    events.release();
    events.hold();
    events.emit(message("A"));
    events.hold();
    events.release();
    events.release();
    expect(emit).toHaveBeenCalledOnce();
  });

  it("keeps the first 1000, and says how many more there were", () => {
    const texts: string[] = [];
    const events = new HeldEvents((event) => {
      if (event.event === "message") texts.push(event.text);
    });
    events.hold();
    for (let number = 0; number < 1003; number += 1) events.emit(message(String(number)));
    events.release();
    expect(texts).toHaveLength(1001);
    expect(texts.at(-2)).toBe("999");
    expect(texts.at(-1)).toMatch(/^3 more events were dropped/u);
  });
});
