import { errorSentence } from "../../base/error-chain.ts";
import { WsbError, nativeFailure, windowsError } from "../../base/errors.ts";
import { commandHere } from "../../base/own-command.ts";
import type { Emit } from "../events/emit.ts";
import type { AddinManifest } from "../manifest/manifest.ts";
import { accessPermission } from "../manifest/security-descriptor.ts";
import type {
  AbortReason,
  MethodName,
  NativeBinding,
  NativeServer,
  ServerEvent,
} from "../native/binding.ts";
import type { CallEvent } from "./call.ts";
import type { AddinHandlers } from "./define-addin.ts";
import { interfacesOf } from "./dispatch.ts";

// JavaScript answers at a handler's limit. The shim's later limit covers a blocked event loop.
const BLOCKED_LOOP_MS = 2000;

// The check runs after its call, so the call waits only for its start.
const CHECK_START_MS = 60_000;

const RPC_E_TOO_LATE = 0x80010119;

const abortTexts: Readonly<Record<AbortReason, string>> = {
  aborted: "The client aborted the check.",
  released: "The client released the check while it ran.",
  clientExited: "The client's process ended during the check.",
};

/** The receiver of calls and other events from COM. */
export interface ServingEvents {
  onCall(event: CallEvent): void;
  onAbort(id: number, reason: Error): void;
  /** Called when nobody has used the class for `lingerMs`; no call can arrive after it. */
  onIdle(): void;
}

export interface ServingOptions extends ServingEvents {
  /** The built file that this process runs. */
  readonly script: string;
  readonly binding: NativeBinding;
  readonly manifest: AddinManifest;
  readonly handlers: AddinHandlers;
  readonly emit: Emit;
}

/**
 * Registers the class with COM.
 *
 * @throws {@link WsbError} `ERR_WSB_WINDOWS_API` when COM refuses the class. The reason becomes an
 * event too, because COM shows no output.
 */
export function startServing(options: ServingOptions): NativeServer {
  const { binding, manifest, handlers, emit, script } = options;
  try {
    return binding.startServer({
      clsid: manifest.addin.clsid,
      interfaces: interfacesOf(handlers, manifest),
      accessDescriptor: accessPermission(manifest.security.allow),
      script,
      lingerMs: manifest.lingerMs,
      limitsMs: limitsOf(manifest.timeoutsMs),
      onEvent: (event) => deliver(event, options),
    });
  } catch (thrown) {
    const error = servingError(thrown);
    emit({ event: "message", level: "error", text: errorSentence(error) });
    throw error;
  }
}

function deliver(event: ServerEvent, events: ServingOptions): void {
  switch (event.kind) {
    case "call":
      events.onCall(event);
      break;
    case "expired":
      events.onAbort(event.id, new DOMException("The call has expired.", "AbortError"));
      break;
    case "abort":
      events.onAbort(event.id, new DOMException(abortTexts[event.reason], "AbortError"));
      break;
    case "idle":
      events.onIdle();
      break;
    case "replaced":
      events.emit({ event: "buildReplaced" });
      break;
  }
}

function limitsOf(timeoutsMs: Readonly<Record<MethodName, number>>): Record<MethodName, number> {
  const limit = (method: MethodName): number => timeoutsMs[method] + BLOCKED_LOOP_MS;
  return {
    preRestore: limit("preRestore"),
    postRestore: limit("postRestore"),
    orderComponents: limit("orderComponents"),
    isRollForwardSupported: limit("isRollForwardSupported"),
    checkConsistency: CHECK_START_MS,
  };
}

function servingError(error: unknown): unknown {
  const failure = nativeFailure(error);
  if (failure?.hresult !== RPC_E_TOO_LATE) {
    return windowsError(
      "Cannot serve the add-in",
      `Register it again: ${commandHere("register")}`,
      error,
    );
  }
  const { api, hresult } = failure;
  return new WsbError(
    "ERR_WSB_WINDOWS_API",
    "Cannot serve the add-in: a module has already used COM in this process, which decided who may call it. Load modules that use COM inside a handler, not at the top of a module.",
    { hresult, api, cause: error },
  );
}
