import type { Component } from "../../../src/base/component.ts";
import type {
  CallResult,
  CheckArguments,
  RemoteAddin,
  RemoteOperation,
  RestoreArguments,
} from "../../../src/runtime/native/binding.ts";

/** Returns the result of a successful call. */
export function ok<T>(value: T): CallResult<T> {
  return { hresult: 0, description: null, value };
}

/** Returns the result of a failed call. */
export function failed<T = undefined>(
  hresult: number,
  description: string | null = null,
): CallResult<T> {
  return { hresult, description, value: undefined };
}

/** A consistency check in another process that returns its statuses one after the other. */
export class FakeOperation implements RemoteOperation {
  readonly #calls: string[];
  readonly #statuses: CallResult<number>[];

  constructor(calls: string[], statuses: readonly CallResult<number>[]) {
    this.#calls = calls;
    this.#statuses = [...statuses];
  }

  async queryStatus(): Promise<CallResult<number>> {
    this.#calls.push("queryStatus");
    const [next = ok(0), ...rest] = this.#statuses;
    if (rest.length > 0) this.#statuses.shift();
    return next;
  }

  async abort(): Promise<CallResult> {
    this.#calls.push("abort");
    this.#statuses.splice(0, Number.POSITIVE_INFINITY, ok(0x80004004));
    return ok(undefined);
  }

  async release(): Promise<void> {
    this.#calls.push("release operation");
  }
}

/** A simulated add-in in another process that records its calls and returns prepared answers. */
export class FakeRemoteAddin implements RemoteAddin {
  /** The calls in order, for example `preRestore Accounts`. */
  readonly calls: string[] = [];
  readonly restoreArguments: RestoreArguments[] = [];
  readonly checkArguments: CheckArguments[] = [];
  rollForward: CallResult<boolean> = ok(true);
  order: CallResult<readonly Component[] | null> = ok(null);
  onPreRestore: (componentName: string | null) => CallResult = () => ok(undefined);
  onPostRestore: (componentName: string | null) => CallResult = () => ok(undefined);
  onCheck: () => CallResult<RemoteOperation | null> = () => ok(null);

  async queryInterface(): Promise<number> {
    return 0;
  }

  async isRollForwardSupported(): Promise<CallResult<boolean>> {
    this.calls.push("isRollForwardSupported");
    return this.rollForward;
  }

  async orderComponents(
    components: readonly Component[],
  ): Promise<CallResult<readonly Component[] | null>> {
    this.calls.push(`orderComponents ${components.map((one) => one.componentName).join(" ")}`);
    return this.order;
  }

  async preRestore(args: RestoreArguments): Promise<CallResult> {
    this.calls.push(`preRestore ${args.componentName}`);
    this.restoreArguments.push(args);
    return this.onPreRestore(args.componentName);
  }

  async postRestore(args: RestoreArguments): Promise<CallResult> {
    this.calls.push(`postRestore ${args.componentName}`);
    this.restoreArguments.push(args);
    return this.onPostRestore(args.componentName);
  }

  async checkConsistency(args: CheckArguments): Promise<CallResult<RemoteOperation | null>> {
    this.calls.push(`checkConsistency ${args.componentName}`);
    this.checkArguments.push(args);
    return this.onCheck();
  }

  async release(): Promise<void> {
    this.calls.push("release");
  }
}
