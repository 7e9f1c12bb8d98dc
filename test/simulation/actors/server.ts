import { errorSentence } from "../../../src/base/error-chain.ts";
import { createRestoreSession, type RestoreSession } from "../../../src/runtime/restore/session.ts";
import { noHooks } from "../../helpers/fakes/no-hooks.ts";
import type { Restoring } from "../../../src/runtime/restore/journal/components.ts";
import type { Process } from "../machine/processes.ts";
import type { CallRecord } from "../machine/truth.ts";
import type { ClientStep } from "../schedule.ts";
import type { World } from "../world.ts";
import { startGuardian } from "./guardian.ts";
import { openKit, type Kit } from "./kit.ts";

/** The server of an add-in, in the place of COM, shim and dispatcher. */
export interface Server {
  readonly process: Process;
  call(call: ServedCall): Promise<Answer>;
}

export interface ServedCall {
  readonly method: "preRestore" | "postRestore";
  readonly restoring: Restoring;
  readonly handler: ClientStep["handler"];
  /** Called when the files are whole, before the services start. */
  readonly onRestored: () => void;
  /** Called when the handler has failed, before that has consequences. */
  readonly onFailed: () => void;
}

/** What a caller gets; at the limit, and when the server dies, it is no S_OK. */
export type Answer = "S_OK" | "failed" | "died";

const CALL_LIMIT_MS = 60_000;
const GUARDIAN_WAIT_MS = 10_000;
const MAX_GUARDIANS = 5;

export function startServer(world: World, addin: number): Server {
  const process = world.processes.start("server", addin);
  const kit = openKit(world, process, addin);
  const session = world.fault.session(
    createRestoreSession({
      ...kit,
      hooks: noHooks,
      server: process.identity,
      ensureGuardian: keepGuardian(world, process, kit),
      isGuardianToDecide: false,
    }),
  );
  return { process, call: (call) => serve(world, process, session, call) };
}

/** As `spawn-guardian.ts`: starts a guardian again while there is something to watch. */
function keepGuardian(world: World, process: Process, kit: Kit): () => Promise<void> {
  const { addin } = process;
  const kept: { guardian: Process | undefined; starts: number } = {
    guardian: undefined,
    starts: 0,
  };
  const spawn = async (): Promise<void> => {
    kept.starts += 1;
    await world.processes.later(process, "process.spawn", "guardian", (fault) => {
      if (fault === "error") return;
      kept.guardian = startGuardian(world, addin);
      kept.guardian.exits.push(() => {
        kept.guardian = undefined;
        const isAble = process.state === "runs" && kept.starts < MAX_GUARDIANS;
        if (isAble && isWatched(kit)) void spawn();
      });
    });
  };
  return async () => {
    if (kept.guardian === undefined) {
      kept.starts = 0;
      await spawn();
    }
    const deadlineMs = kit.clock.now() + GUARDIAN_WAIT_MS;
    while (kept.guardian !== undefined && !world.locks.hasGuardian(addin)) {
      if (kit.clock.now() >= deadlineMs) return;
      await kit.clock.wait(20);
    }
  };
}

function isWatched({ store }: Kit): boolean {
  try {
    const session = store.peek();
    return session !== undefined && session.phase !== "abandoned" && session.damage === undefined;
  } catch {
    return false;
  }
}

/** Answers a call within its limit, as the dispatcher does. */
async function serve(
  world: World,
  process: Process,
  session: RestoreSession,
  call: ServedCall,
): Promise<Answer> {
  const { scheduler, truth } = world;
  const record: CallRecord = {
    addin: process.addin,
    server: process,
    beganMs: scheduler.now(),
    looks: new Map(),
    isAnswered: false,
  };
  truth.calls.add(record);
  const limit = new AbortController();
  const stage = runStage(world, session, call, limit.signal);
  let hasAnswer = false;
  const answer = await new Promise<Answer>((resolve) => {
    const cancel = scheduler.after(CALL_LIMIT_MS, () => {
      limit.abort(new Error("The call's limit has passed."));
      resolve("failed");
    });
    process.exits.push(() => resolve("died"));
    stage.then(
      () => resolve("S_OK"),
      (error: unknown) => {
        world.note(`${process.name} fails ${call.method}: ${errorSentence(error)}`);
        resolve("failed");
      },
    );
    stage.finally(cancel).catch(() => {});
  });
  hasAnswer = answer === "S_OK";
  void takeBackLate({ session, call, stage, record }, hasAnswer);
  return answer;
}

interface Late {
  readonly session: RestoreSession;
  readonly call: ServedCall;
  readonly stage: Promise<void>;
  readonly record: CallRecord;
}

/** Undoes a PreRestore that succeeded after its caller was told that it failed. */
async function takeBackLate(
  { session, call, stage, record }: Late,
  hadAnswer: boolean,
): Promise<void> {
  try {
    await stage;
    if (!hadAnswer && call.method === "preRestore") {
      await session.finish(call.restoring, { kind: "notPrepared", text: "nobody waits" });
    }
  } catch {
    // The caller has its answer.
  } finally {
    record.isAnswered = true;
  }
}

async function runStage(
  world: World,
  session: RestoreSession,
  call: ServedCall,
  signal: AbortSignal,
): Promise<void> {
  if (call.method === "preRestore") await preRestore(world, session, call, signal);
  else await postRestore(world, session, call, signal);
}

async function preRestore(
  world: World,
  session: RestoreSession,
  { restoring, handler }: ServedCall,
  signal: AbortSignal,
): Promise<void> {
  await session.enter({ ...restoring, noRollForward: false }, signal);
  try {
    await runHandler(world, handler, signal);
    await session.prepared(restoring);
  } catch (error) {
    await session.finish(restoring, { kind: "notPrepared", text: errorSentence(error) });
    throw error;
  }
}

async function postRestore(
  world: World,
  session: RestoreSession,
  { restoring, handler, onRestored, onFailed }: ServedCall,
  signal: AbortSignal,
): Promise<void> {
  try {
    await runHandler(world, handler, signal);
  } catch (error) {
    onFailed();
    await session.finish(restoring, { kind: "postRestoreFailed", text: errorSentence(error) });
    throw error;
  }
  onRestored();
  await session.finish(restoring, { kind: "restored" });
}

async function runHandler(
  { scheduler }: World,
  handler: ClientStep["handler"],
  signal: AbortSignal,
): Promise<void> {
  await scheduler.wait(1, signal);
  if (handler === "fails") throw new Error("The handler failed.");
  if (handler === "hangs") await scheduler.wait(10 * CALL_LIMIT_MS, signal);
}
