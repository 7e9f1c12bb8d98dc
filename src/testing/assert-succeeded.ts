import { formatHresult } from "../base/hresult.ts";
import type { CallOutcome, FailureCause } from "./host.ts";

function linesOf({ text, stack = [] }: Pick<FailureCause, "text" | "stack">): readonly string[] {
  return [text, ...stack.map((frame) => `    ${frame}`)];
}

/**
 * Passes when a call succeeded, in any test runner.
 *
 * @throws Error with the reason of the failed call: the handler's error, its stack and its causes.
 */
export function assertSucceeded(outcome: CallOutcome): void {
  const { succeeded, hresult, error = "", failure } = outcome;
  if (succeeded) return;
  const { stack, causes = [] } = failure ?? {};
  const reason = { text: failure?.text ?? error, ...(stack === undefined ? {} : { stack }) };
  const lines = [reason, ...causes].map((one) => linesOf(one).join("\n"));
  throw new Error(`The call failed (${formatHresult(hresult)}): ${lines.join("\nCaused by: ")}`);
}
