import { runGuardian } from "../../../src/runtime/restore/guardian.ts";
import { recoverSession, type Decision } from "../../../src/runtime/restore/recover.ts";
import type { Process } from "../machine/processes.ts";
import type { World } from "../world.ts";
import { noEndHooks, openKit } from "./kit.ts";

/** Runs a guardian until it ends. */
export function startGuardian(world: World, addin: number): Process {
  const process = world.processes.start("guardian", addin);
  const kit = openKit(world, process, addin);
  const { fault, scheduler, locks, processes } = world;
  runGuardian({
    ...kit,
    living: fault.guardianLiving(kit.living, () => scheduler.now()),
    endHooks: noEndHooks,
    takePlace: () => locks.takePlace(process, addin),
  }).then(
    (end) => processes.end(process, `ends: ${end}`),
    (error: unknown) => processes.end(process, `fails: ${String(error)}`),
  );
  return process;
}

export interface RecoverRun {
  readonly decision: Decision;
  readonly force: boolean;
  readonly role: "administrator" | "boot task";
}

/**
 * Runs `recover`, or the start-up task.
 *
 * @returns The outcome's state, or the error's code.
 */
export async function recover(
  world: World,
  addin: number,
  { role, ...choice }: RecoverRun,
): Promise<string> {
  const process = world.processes.start(role, addin);
  const kit = openKit(world, process, addin);
  let end: string;
  try {
    const outcome = await recoverSession({ ...kit, ...choice, endHooks: noEndHooks });
    end = outcome.state;
  } catch (error) {
    end = String(error);
  }
  if (process.state === "runs") world.processes.end(process, `ends: ${end}`);
  return end;
}
