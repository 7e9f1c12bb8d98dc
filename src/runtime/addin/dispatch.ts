import type { MapStack } from "../../base/error-chain.ts";
import { errorSentence } from "../../base/error-chain.ts";
import { nameHresult } from "../../base/hresult.ts";
import { showProcess, type ProcessIdentity } from "../../base/process-identity.ts";
import type { Emit } from "../events/emit.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { NativeBinding, NativeReply } from "../native/binding.ts";
import type { RestoreSession } from "../restore/session.ts";
import { Call, type CallEvent, type CallServer } from "./call.ts";
import { runCheck } from "./check.ts";
import type { Clients } from "./clients.ts";
import type { Addin, AddinHandlers } from "./define-addin.ts";
import { findHandlerFailure } from "./call-handler.ts";
import { rejectOnAbort } from "./limit.ts";
import { OrderedComponents } from "./ordered-components.ts";
import { runStage, takeBack, type StageParts } from "./stages.ts";

export interface DispatcherOptions {
  readonly addin: Addin;
  readonly manifest: Manifest;
  readonly session: RestoreSession;
  readonly clients: Clients;
  readonly emit: Emit;
  readonly startProcess: NativeBinding["startProcess"];
  /** @defaultValue nothing is remembered yet */
  readonly ordered?: OrderedComponents;
  /** @defaultValue frames stay unmapped */
  readonly mapStack?: MapStack;
}

/** Returns the interfaces that an add-in needs for its handlers and settings. */
export function interfacesOf(
  handlers: AddinHandlers,
  manifest: Manifest,
): { readonly restore: boolean; readonly backup: boolean } {
  const { preRestore, postRestore, orderComponents, isRollForwardSupported } = handlers;
  const restoreHandlers = [preRestore, postRestore, orderComponents, isRollForwardSupported];
  return {
    restore: manifest.services.length > 0 || restoreHandlers.some((one) => one !== undefined),
    backup: handlers.checkConsistency !== undefined,
  };
}

/** A dispatcher that passes a served add-in's COM calls to its handlers and their results back. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #parts: StageParts;
  readonly #running = new Map<number, Call>();

  constructor(options: DispatcherOptions) {
    this.#options = options;
    const { addin, session, startProcess, ordered = new OrderedComponents() } = options;
    this.#parts = { handlers: addin.handlers, session, startProcess, ordered };
  }

  /** Runs the handler for a call and answers it; settles when both are done and never rejects. */
  async call(event: CallEvent, server: CallServer): Promise<void> {
    const call = this.#open(event, server);
    this.#running.set(call.id, call);
    await this.#run(call);
    this.#running.delete(call.id);
  }

  /** Aborts the call or the consistency check with this id; does nothing for an unknown id. */
  abort(id: number, reason: Error): void {
    this.#running.get(id)?.abort(reason);
  }

  #open(event: CallEvent, server: CallServer): Call {
    const { clients, manifest, emit, mapStack = (frames) => frames } = this.#options;
    return new Call(event, {
      server,
      client: clients.identify(event.clientPid),
      limitMs: manifest.timeoutsMs[event.call.method],
      emit,
      mapStack,
    });
  }

  #run(call: Call): Promise<void> {
    const { addin, startProcess } = this.#options;
    const args = call.arguments;
    if (args.method === "checkConsistency") {
      return runCheck(call, args, { handler: addin.handlers.checkConsistency, startProcess });
    }
    return this.#answerWithin(call, () => runStage(call, args, this.#parts));
  }

  /** Runs a stage within its time limit. At the limit the caller gets an answer in any case. */
  async #answerWithin(call: Call, start: () => Promise<NativeReply>): Promise<void> {
    const stopLimit = call.startLimit();
    const stopWatch = this.#watchClient(call);
    const stage = start();
    const waited = await answer(call, stage);
    await this.#settle(call, { stage, waited });
    stopLimit();
    stopWatch();
  }

  #watchClient(call: Call): () => void {
    const { client } = call;
    if (client === null) return () => {};
    return this.#options.clients.onExit(client, () => call.abort(clientGone(client)));
  }

  /** Waits for a stage that exceeded its limit: it may still have services to start again. */
  async #settle(call: Call, outcome: StageOutcome): Promise<void> {
    try {
      await outcome.stage;
      // A handler blocked the event loop, so the caller was told that the call failed.
      if (!outcome.waited) await takeBack(call, this.#parts);
    } catch (error) {
      if (!call.signal.aborted) return;
      // The caller got another answer, so no other event names this handler.
      if (findHandlerFailure(error) === undefined) {
        warn(call, `${call.method} ended after its limit: ${errorSentence(error)}`);
      } else {
        call.fail(error);
      }
    }
  }
}

interface StageOutcome {
  readonly stage: Promise<NativeReply>;
  /** `true` when the caller still waited for the answer. */
  readonly waited: boolean;
}

/** Answers a call with its stage's reply or failure; `false` when the caller no longer waited. */
async function answer(call: Call, stage: Promise<NativeReply>): Promise<boolean> {
  const reply = await replyOf(call, stage);
  const waited = call.answer(reply);
  if (!waited) {
    const text = `${call.method} ended with ${nameHresult(reply.hresult)} too late.`;
    call.emit({ event: "message", level: "error", text });
  }
  return waited;
}

async function replyOf(call: Call, stage: Promise<NativeReply>): Promise<NativeReply> {
  try {
    return await Promise.race([stage, rejectOnAbort(call.signal)]);
  } catch (error) {
    return call.fail(error);
  }
}

function warn({ emit }: Call, text: string): void {
  emit({ event: "message", level: "warn", text });
}

function clientGone(client: ProcessIdentity): DOMException {
  return new DOMException(`The client ${showProcess(client)} has ended.`, "AbortError");
}
