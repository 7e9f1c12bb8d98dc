import type { BackupEvent } from "../../../../src/base/handler-name.ts";
import type { WriterEventName } from "../../../../src/runtime/native/vss-writer.ts";
import type { BackupPlan } from "../schedule.ts";
import type { VssAnswer } from "../vss.ts";
import type { WriterWorld } from "../world.ts";

/** How a backup ended. */
export type BackupEnd = "good" | "failed" | "no writer" | "died";

// What VSS needs between two events of its own.
const PAUSE_MS = 50;

/** Backs up as a requester does, and tells how it ended. */
export async function runBackup(
  world: WriterWorld,
  set: string,
  plan: BackupPlan,
): Promise<BackupEnd> {
  const { scheduler, random, vss, note } = world;
  const ask = async (
    step: BackupEvent,
    pauseMs = 1 + random.below(PAUSE_MS),
  ): Promise<VssAnswer> => {
    await scheduler.wait(pauseMs);
    if (plan.dies === step) throw new Died();
    const answer = await vss.send(step, set);
    note(`${set} ${step}: ${answer}`);
    return answer;
  };
  const finish = async (
    end: BackupEnd,
    ...events: readonly WriterEventName[]
  ): Promise<BackupEnd> => {
    for (const event of events) await vss.send(event, set);
    return end;
  };
  try {
    for (const step of ["prepareBackup", "prepareSnapshot", "freeze"] as const) {
      const answer = await ask(step);
      if (answer === "no writer") return await finish("no writer", "backupShutdown");
      if (answer === "failed") return await finish("failed", "abort", "backupShutdown");
    }
    const thawed = await ask("thaw", plan.copyMs);
    if (thawed !== "ok") return await finish("failed", "abort", "backupShutdown");
    const end = (await ask("postSnapshot")) === "ok" ? "good" : "failed";
    await ask("backupComplete");
    await ask("backupShutdown");
    return end;
  } catch (error) {
    if (!(error instanceof Died)) throw error;
    note(`${set} loses its requester`);
    if (plan.isDeathSeen) {
      await scheduler.wait(1 + random.below(500));
      await finish("died", "abort", "backupShutdown");
    }
    return "died";
  }
}

class Died extends Error {}
