import type { HandlerContext } from "../addin/define-addin.ts";
import { isFailure } from "../../base/hresult.ts";
import type { EdgeCallback, EdgeFunction } from "./edge.ts";

const WRAPPERS = new Set([
  "System.AggregateException",
  "System.Reflection.TargetInvocationException",
]);
const CANCELLED = new Set([
  "System.OperationCanceledException",
  "System.Threading.Tasks.TaskCanceledException",
]);
const FACILITY_MASK = 0x1fff0000;
// FACILITY_URT (corerror.h): .NET's own codes, which Windows Server Backup does not know.
const FACILITY_URT = 0x00130000;

type Fields = Readonly<Record<string, unknown>>;

/** Returns the thrown value as an object whose fields can be read. */
function fieldsOf(thrown: unknown): Fields {
  if (typeof thrown !== "object" || thrown === null) return {};
  const fields: Fields = Object.fromEntries(Object.entries(thrown));
  return thrown instanceof Error
    ? { ...fields, name: thrown.name, message: thrown.message }
    : fields;
}

/** Returns the innermost exception, which the others wrap. */
function innermost(thrown: unknown): unknown {
  let found = thrown;
  for (;;) {
    const { name, InnerException: inner } = fieldsOf(found);
    if (!WRAPPERS.has(String(name)) || typeof inner !== "object" || inner === null) return found;
    found = inner;
  }
}

function hresultOf({ HResult: code }: Fields): number | undefined {
  if (typeof code !== "number" || !isFailure(code)) return undefined;
  return (code & FACILITY_MASK) === FACILITY_URT ? undefined : code >>> 0;
}

/**
 * Turns a .NET exception into a handler's error with its message, its type as the name, and its
 * HRESULT if that is a code of Windows. Returns the signal's reason if the abort cancelled the
 * method.
 */
export function mapException(thrown: unknown, signal: AbortSignal): unknown {
  const exception = innermost(thrown);
  const fields = fieldsOf(exception);
  const { name, message } = fields;
  // edge-js reports a cancelled task only as a text.
  const isCancelled = typeof exception === "string" || CANCELLED.has(String(name));
  if (signal.aborted && isCancelled) return signal.reason;
  const text = typeof message === "string" && message !== "" ? message : String(name ?? exception);
  const error = new Error(text, { cause: exception });
  if (typeof name === "string") error.name = name;
  const hresult = hresultOf(fields);
  return hresult === undefined ? error : Object.assign(error, { hresult });
}

/**
 * Calls a .NET method with `request`, `aborted`, `log` and `progress`.
 *
 * `aborted` answers `true` when the signal aborts and `false` when the method has ended.
 *
 * @throws The result of {@link mapException} for an exception.
 */
export async function callMethod(
  method: EdgeFunction,
  request: unknown,
  { signal, log, progress }: HandlerContext,
): Promise<unknown> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const waiting = new Set<EdgeCallback>();
    const answer = (end: "aborted" | "ended"): void => {
      const callbacks = [...waiting];
      // Cleared before the calls, because a callback may add another.
      waiting.clear();
      for (const callback of callbacks) callback(null, end === "aborted");
    };
    const onAbort = (): void => answer("aborted");
    const settle = (act: () => void): void => {
      signal.removeEventListener("abort", onAbort);
      answer("ended");
      act();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    const input = {
      request,
      aborted: (_: unknown, callback: EdgeCallback): void => {
        waiting.add(callback);
        if (signal.aborted) answer("aborted");
      },
      log: (message: unknown, callback: EdgeCallback): void => {
        log.info(String(message));
        callback(null, null);
      },
      progress: (update: unknown, callback: EdgeCallback): void => {
        progress(typeof update === "number" ? update : String(update));
        callback(null, null);
      },
    };
    try {
      method(input, (error, result) => {
        settle(() => {
          // edge-js passes null or undefined when there is no error.
          if (error === null || error === undefined) resolve(result);
          else reject(mapException(error, signal));
        });
      });
    } catch (error) {
      settle(() => reject(mapException(error, signal)));
    }
  });
}
