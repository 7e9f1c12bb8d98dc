/** What an `AbortSignal` is to a handler that is compiled without a library that has it. */
interface BareSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** `AbortSignal` as `@types/node` or the DOM's library declares it; no handler needs either. */
export type Signal = typeof globalThis extends { AbortSignal: { prototype: infer Known } }
  ? Known
  : BareSignal;
