import { formatHresult, isFailure, nameHresult } from "../../../base/hresult.ts";
import type { EventLine } from "../../../runtime/events/definitions.ts";
import { timeOf } from "../../../runtime/events/line.ts";
import type { NativeBinding } from "../../../runtime/native/binding.ts";
import { notApplicable, notVisible, ok, type AddinCheck, type Finding } from "../check.ts";

/** The time that COM waits for a server to register its class object. */
const LIMIT_MS = 60_000;
const SLOW_MS = 20_000;

/** The end of an activation. */
export interface Activation {
  /** `undefined` if there was no answer in time. */
  readonly hresult: number | undefined;
  readonly elapsedMs: number;
  /** Whether the add-in ran before, so that its start was not measured. */
  readonly ranBefore: boolean;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** Decides about the activation of a class in its server. */
export function judgeActivation(
  { hresult, elapsedMs, ranBefore }: Activation,
  command: (command: string) => string,
): Finding {
  const advice = `Read why the server did not start: ${command("log")}`;
  if (hresult === undefined || isFailure(hresult)) {
    const reason =
      hresult === undefined ? "no answer" : `${nameHresult(hresult)} (${formatHresult(hresult)})`;
    const found = `COM cannot activate the add-in: ${reason}, after ${seconds(elapsedMs)}.`;
    return { verdict: "fail", found, advice };
  }
  if (elapsedMs < SLOW_MS) {
    const answered = `The add-in answered after ${seconds(elapsedMs)}.`;
    return ok(
      ranBefore
        ? `${answered} It ran already: to time its start, run doctor again when nobody has used it for a while.`
        : answered,
    );
  }
  return {
    verdict: "warn",
    found: `The add-in answered after ${seconds(elapsedMs)}; COM gives up after 60 s.`,
    advice:
      "Exclude the add-in's folder from the virus scanner, and load what handlers need when they run, not when their module loads.",
  };
}

async function activate(
  api: Pick<NativeBinding, "activate">,
  clsid: string,
  signal: AbortSignal,
): Promise<Omit<Activation, "ranBefore">> {
  const start = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve, reject) => {
    timer = setTimeout(() => resolve(undefined), LIMIT_MS + SLOW_MS);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  try {
    const result = await Promise.race([api.activate(clsid), late]);
    const elapsedMs = performance.now() - start;
    await result?.value?.release();
    return { hresult: result?.hresult, elapsedMs };
  } finally {
    clearTimeout(timer);
  }
}

/** Tells whether the events are known to have no start of the server since `sinceMs`. */
function servedBefore(events: () => readonly EventLine[], sinceMs: number): boolean {
  try {
    return !events().some((line) => line.event === "serverStarted" && timeOf(line) >= sinceMs);
  } catch {
    // The checks of its folder say why; whether the add-in starts is known all the same.
    return false;
  }
}

export const activationCheck: AddinCheck = {
  id: "activation",
  title: "Add-in starts",
  why: "Windows Server Backup starts the add-in in the same way. If it does not start, the restore of the application fails.",
  about: "application",
  needsAddin: true,
  run: async ({ clsid = "", installation, session, events, command }, { api, signal }) => {
    if (installation === undefined) return notApplicable("No add-in of wsb-addin is registered.");
    // Others may not start the add-in at all.
    if (!api.isElevated()) return notVisible("Whether the add-in starts");
    if (session() !== undefined) {
      return notApplicable("Not tried while a restore session is open, which it could change.");
    }
    const sinceMs = Date.now();
    const activation = await activate(api, clsid, signal);
    const answered = { ...activation, ranBefore: servedBefore(events, sinceMs) };
    return judgeActivation(answered, command);
  },
};
