import type { NativeBinding } from "../../src/runtime/native/binding.ts";
import type { CliResult } from "./cli.ts";
import type { Transition, TransitionOutcome } from "./transition.ts";
import type { WritablePath } from "../../src/tools/registration/folder-check.ts";

/** What a test asks the agent to do: a method of the binding, or of an object it returned. */
export interface AgentRequest {
  readonly id: number;
  /** `null`: the agent's own functions; a number: an object that an earlier answer carried. */
  readonly target: "binding" | "agent" | number;
  readonly method: string;
  readonly args: readonly unknown[];
}

export type AgentResponse =
  | { readonly id: number; readonly value: unknown }
  | {
      readonly id: number;
      readonly error: {
        readonly message: string;
        readonly hresult?: number;
        readonly api?: string;
      };
    };

/** What the agent does beside the binding. */
export interface AgentFunctions {
  /** The agent's own process. */
  processId(): number;
  /** Whether a process of this Windows is alive. */
  isAlive(pid: number): boolean;
  /** Settles when the process that `processInfo` described has exited. */
  untilExit(pid: number, startedAt: string): Promise<void>;
  /** Waits for that exit twice, one of them closed; whether the closed wait stays unsettled. */
  staysClosed(pid: number, startedAt: string): Promise<boolean>;
  /** Ends a process of this Windows at once. */
  kill(pid: number): void;
  /** Registers a built add-in with the agent's node.exe. */
  register(manifestFile: string, serverScript: string): Promise<boolean>;
  unregister(writerId: string): boolean;
  /** Registers or unregisters with the change number `position` failing; 0 fails none. */
  failAt(
    command: Transition["command"],
    manifestFile: string,
    serverScript: string,
    position: number,
  ): Promise<TransitionOutcome>;
  /** Unregisters what {@link register} registered. */
  unregisterAll(): void;
  /**
   * Runs a command line in the agent's own process, which is quicker than starting one.
   *
   * @param folder Working folder, a path of this Windows.
   */
  runCommand(args: readonly string[], folder?: string): Promise<CliResult>;
  /** Ends what a command that broke off has left. */
  recover(writerId: string): string;
  /** What others than administrators could change `paths` by. */
  findWritablePaths(paths: readonly string[]): readonly WritablePath[];
  /** Every key and value below `paths` of HKEY_LOCAL_MACHINE, a line each. */
  dumpRegistry(paths: readonly string[]): readonly string[];
}

/** The same functions across the process boundary. */
export type Remote<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never;
};

export type RemoteBinding = Remote<Omit<NativeBinding, "startServer">>;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Rebuilds a value from JSON, with `revive` for every object. */
export function mapObjects(
  value: unknown,
  map: (object: Record<string, unknown>) => unknown,
): unknown {
  if (Array.isArray(value)) return value.map((one) => mapObjects(one, map));
  if (!isRecord(value)) return value;
  const mapped = map(value);
  if (mapped !== value) return mapped;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mapObjects(one, map)]));
}
