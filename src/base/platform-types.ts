/**
 * Types of the platform in published declarations: those of `@types/node` or of the DOM's library
 * where one of them is there, and otherwise the part that a consumer needs.
 */

/** What an `AbortSignal` is to a handler. */
interface BareSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

export type Signal = typeof globalThis extends { AbortSignal: { prototype: infer Known } }
  ? Known
  : BareSignal;

export type Url = typeof globalThis extends { URL: { prototype: infer Known } }
  ? Known
  : { readonly href: string };
