/**
 * Platform types in published declarations: the types of `@types/node` or of the DOM library if the
 * consumer has one of them, else only the part that a consumer needs.
 */

/** The part of `AbortSignal` that a handler uses. */
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
