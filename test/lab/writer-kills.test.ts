/** Deaths in chosen steps of a backup; test/exhaustive/writer-kills.test.ts kills at random moments. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  THAW_LIMIT_MS,
  WriterKillBed,
  type Moment,
  type Victim,
} from "../helpers/lab/writer-kill-bed.ts";

let bed: WriterKillBed;

const inFreeze: Moment = { step: "freeze", part: "in the application" };
const inThaw: Moment = { step: "thaw", part: "in the application" };
const callingThaw: Moment = { step: "thaw", part: 0 };
const early: Moment = { step: "copy", part: 0.2 };
const late: Moment = { step: "copy", part: 0.8 };

describe.runIf(process.platform !== "win32")("an application with a writer", () => {
  beforeAll(async () => {
    bed = await WriterKillBed.make();
  });

  afterAll(async () => {
    await bed.remove();
  });

  it.each<[name: string, Victim, Moment, reasons: readonly string[], restart?: "at once"]>([
    ["its service in freeze", "service", inFreeze, ["serviceEnded"]],
    ["its service early in the copy", "service", early, ["serviceEnded"]],
    ["its service, restarted at once", "service", late, ["serviceEnded", "start"], "at once"],
    ["its service in thaw", "service", inThaw, ["serviceEnded"]],
    [
      "its service in thaw, restarted at once",
      "service",
      inThaw,
      ["serviceEnded", "start"],
      "at once",
    ],
    ["its requester in freeze", "requester", inFreeze, ["abort"]],
    ["its requester early in the copy", "requester", early, ["abort"]],
    ["its requester late in the copy", "requester", late, ["abort"]],
    ["its requester in thaw", "requester", inThaw, ["thaw"]],
    ["its requester that calls thaw", "requester", callingThaw, ["abort", "thaw"]],
    // Its end may be noticed after the handler has ended.
    ["its guardian in freeze", "guardian", inFreeze, ["freezeFailed", "guardianEnded"]],
    ["its guardian in the copy", "guardian", early, ["guardianEnded"]],
    ["service and guardian in freeze", "service and guardian", inFreeze, ["start"]],
    ["service and guardian in the copy", "service and guardian", late, ["start"]],
  ])("is thawed after the death of %s", async (_, victim, moment, reasons, restart) => {
    const kill = await bed.kill(victim, moment, restart === "at once");
    expect(reasons).toContain(kill.reason);
    expect(kill.wasFrozen).toBe(true);
    expect(kill.thawedAfterMs).toBeLessThanOrEqual(THAW_LIMIT_MS);
  });
});
