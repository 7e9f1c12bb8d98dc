import type { Clock } from "../../../src/base/clock.ts";
import { TestServices } from "../../../src/testing/services.ts";
import { virtualClock } from "./virtual-time.ts";

/** The published services, on vitest's fake timers where a test uses them. */
export class FakeServices extends TestServices {
  override clock: Clock = virtualClock;
}
