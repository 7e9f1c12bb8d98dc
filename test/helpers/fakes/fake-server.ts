import type {
  NativeCall,
  NativeReply,
  NativeServer,
  NativeServerOptions,
  ServerEvent,
} from "../../../src/runtime/native/binding.ts";

/** The result of a call. */
export interface Answer {
  readonly id: number;
  readonly reply: NativeReply;
}

/** A served class without COM: the test delivers calls and reads answers. */
export class FakeServer implements NativeServer {
  readonly options: NativeServerOptions | undefined;
  readonly answers: Answer[] = [];
  /** The HRESULTs of ended consistency checks, by the id of their call. */
  readonly finished: Map<number, number> = new Map();
  /** The calls whose callers no longer wait: their answers are too late. */
  readonly gone: Set<number> = new Set();
  holds = 0;
  stopped = false;
  #lastId = 0;
  readonly #waiting = new Map<number, (reply: NativeReply) => void>();

  constructor(options?: NativeServerOptions) {
    this.options = options;
  }

  /** Returns a new call id and the promise of its answer. */
  expectAnswer(): { readonly id: number; readonly reply: Promise<NativeReply> } {
    this.#lastId += 1;
    const id = this.#lastId;
    const reply = new Promise<NativeReply>((resolve) => this.#waiting.set(id, resolve));
    return { id, reply };
  }

  /** Delivers a COM call through `onEvent`. */
  deliver(
    call: NativeCall,
    clientPid = 0,
  ): { readonly id: number; readonly reply: Promise<NativeReply> } {
    const expected = this.expectAnswer();
    this.emit({ kind: "call", id: expected.id, call, clientPid });
    return expected;
  }

  emit(event: ServerEvent): void {
    if (this.options === undefined) throw new Error("this server was made without options");
    this.options.onEvent(event);
  }

  answer(id: number, reply: NativeReply): boolean {
    this.answers.push({ id, reply });
    this.#waiting.get(id)?.(reply);
    this.#waiting.delete(id);
    return !this.gone.has(id);
  }

  finishOperation(id: number, hresult: number): boolean {
    if (this.finished.has(id)) return false;
    this.finished.set(id, hresult);
    return true;
  }

  hold(): void {
    this.holds += 1;
  }

  release(): void {
    this.holds -= 1;
  }

  stop(): void {
    this.stopped = true;
  }
}
