import { expect } from "vitest";

import type { WriterEventName } from "../../../src/runtime/native/vss-writer.ts";
import { SET_ID, type Requester } from "./requester.ts";
import type { WriterProcess } from "./writer-process.ts";

/** The commands of a backup of one component of C:, in their order. */
export const EVENTS: readonly (readonly [event: WriterEventName, ...args: readonly string[]])[] = [
  ["prepareBackup", "5", "1", "Ledger", "-", "Books", "=Ledger\\Archive"],
  ["prepareSnapshot", SET_ID, "C:\\"],
  ["freeze"],
  ["thaw"],
  ["postSnapshot"],
  ["backupComplete"],
  ["backupShutdown"],
];

/** Plays the events before `until`, which all succeed. */
export async function playUntil(
  until: WriterEventName,
  requester: Requester,
  writer: WriterProcess,
): Promise<void> {
  for (const command of EVENTS) {
    if (command[0] === until) return;
    const answer = requester.event(...command);
    writer.say({ say: "complete", id: await writer.request(command[0]) });
    expect(await writer.next("completed")).toMatchObject({ wasInTime: true });
    expect(await answer).toMatchObject({ outcome: "done", hresult: 0 });
  }
}
