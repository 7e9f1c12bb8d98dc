import type { RestoreAbandonedRequest } from "../../../src/runtime/addin/define-addin.ts";
import type { LoneHandler } from "../../../src/runtime/addin/handler-protocol.ts";
import type {
  NativeBinding,
  ServiceChangeEnd,
  WantedServiceState,
} from "../../../src/runtime/native/binding.ts";
import type { CliResult } from "../cli.ts";
import type { Transition, TransitionOutcome } from "./transition.ts";
import type { WritablePath } from "../../../src/tools/registration/folder-check.ts";

/** A request to the agent: a method of the binding or of an object that it returned. */
export interface AgentRequest {
  readonly id: number;
  /** `null` for the agent's own functions; a number for an object of an earlier answer. */
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

/** The end of a change and how long it took. */
export interface TimedChange extends ServiceChangeEnd {
  readonly durationMs: number;
}

/** A change of a service that a test asks for. */
export interface ChangeRequest {
  readonly wanted: WantedServiceState;
  /** @defaultValue 30,000 */
  readonly timeoutMs?: number;
  /** Cancels the change after this time. */
  readonly cancelAfterMs?: number;
}

/** The agent's functions besides the binding. */
export interface AgentFunctions {
  /** Returns the identity of the agent's own process. */
  processId(): number;
  /** Tells whether a process of this Windows is running. */
  isAlive(pid: number): boolean;
  /** Resolves when the process that `processInfo` described has exited. */
  untilExit(pid: number, startedAt: string): Promise<void>;
  /** Waits twice for the exit, closes one wait, and tells whether the closed wait stays pending. */
  staysClosed(pid: number, startedAt: string): Promise<boolean>;
  /** Kills a process of this Windows. */
  kill(pid: number): void;
  /** Stops or starts a service. */
  changeService(name: string, request: ChangeRequest): Promise<TimedChange>;
  /** Watches the start of services; a later call ends the watch and begins another one. */
  watchServices(names: readonly string[]): Promise<void>;
  /** Returns the starts seen since the last call. */
  takeStarts(): readonly string[];
  /** Registers a built add-in with the agent's node.exe. */
  register(manifestFile: string, serverScript: string): Promise<boolean>;
  unregister(writerId: string): Promise<boolean>;
  /** Registers or unregisters while the change with number `position` fails; 0 for no failure. */
  failAt(
    command: Transition["command"],
    manifestFile: string,
    serverScript: string,
    position: number,
  ): Promise<TransitionOutcome>;
  /** Unregisters the add-in that {@link register} registered. */
  unregisterAll(): Promise<void>;
  /**
   * Runs a command line in the agent's own process, which is faster than a new process.
   *
   * @param folder The working folder, a path of this Windows.
   */
  runCommand(args: readonly string[], folder?: string): Promise<CliResult>;
  /** Ends an interrupted command's session. */
  recover(writerId: string): Promise<string>;
  /** Returns the ways in which accounts other than administrators could change `paths`. */
  findWritablePaths(paths: readonly string[]): readonly WritablePath[];
  /**
   * Runs a handler of a built add-in in a process of its own.
   *
   * @param server The built script, for the agent's node.exe, or a packed exe.
   */
  runHandler(
    server: string,
    name: LoneHandler,
    request: RestoreAbandonedRequest,
    timeoutMs: number,
  ): Promise<string>;
  /** Aborts every handler that {@link runHandler} runs now. */
  abortHandlers(): void;
  /** Returns the start-up task of an add-in; `null` for none. */
  readTask(clsid: string): string | null;
  createTask(clsid: string, xml: string): Promise<void>;
  removeTask(clsid: string): Promise<void>;
  /** Returns every key and value below `paths` of HKEY_LOCAL_MACHINE, a line each. */
  dumpRegistry(paths: readonly string[]): readonly string[];
}

/** The functions, called across the process boundary. */
export type Remote<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never;
};

export type RemoteBinding = Remote<Omit<NativeBinding, "startServer">>;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Rebuilds a value from JSON; calls `revive` for every object. */
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
