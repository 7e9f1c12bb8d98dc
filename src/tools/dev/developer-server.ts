import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";

import { WsbError } from "../../base/errors.ts";
import { DEVELOPER_ARGUMENT, SERVING } from "../../runtime/addin/modes.ts";
import type { Lab } from "../lab/lab.ts";
import { runInLab } from "../lab/run.ts";
import { toWindowsPath } from "../lab/paths.ts";

// Port 0: the system chooses one that is free. Nobody on another machine can reach it.
const INSPECT = "--inspect=127.0.0.1:0";

/** A server that its developer has started, with a debugger's port. */
export interface DeveloperServer {
  /** Ends it, and waits until it has ended. */
  end(): Promise<void>;
}

/** Where a server is started. */
export interface ServerPlace {
  readonly serverScript: string;
  /** The lab; `undefined` on Windows. */
  readonly lab: Lab | undefined;
  /** Told what the server prints, such as the address for the debugger. */
  readonly onOutput: (text: string) => void;
}

/**
 * Starts the built server as this user, and waits until COM finds it.
 *
 * @throws {@link WsbError} `ERR_WSB_HANDLER` when it ends before.
 */
export async function startDeveloperServer(place: ServerPlace): Promise<DeveloperServer> {
  const ending = new AbortController();
  const events = new EventEmitter();
  const serving = once(events, "told");
  let output = "";
  const onText = (text: string): void => {
    output += text;
    place.onOutput(text.replace(SERVING, ""));
    if (output.includes(SERVING)) events.emit("told", true);
  };
  const ended = run(place, ending.signal, onText).finally(() => events.emit("told", false));
  ended.catch(() => {});
  const [isServing]: unknown[] = await serving;
  if (isServing !== true) {
    throw new WsbError(
      "ERR_WSB_HANDLER",
      `${place.serverScript} ended before it served. Read its output above.`,
    );
  }
  return {
    async end() {
      ending.abort();
      await ended.catch(() => {});
    },
  };
}

async function run(
  { serverScript, lab }: ServerPlace,
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<void> {
  if (lab !== undefined) {
    const args = [INSPECT, toWindowsPath(lab, serverScript), DEVELOPER_ARGUMENT];
    await runInLab(lab, lab.nodeExe, args, { signal, onStdout: onText, onStderr: onText });
    return;
  }
  const child = spawn(process.execPath, [INSPECT, serverScript, DEVELOPER_ARGUMENT], {
    stdio: ["ignore", "pipe", "pipe"],
    signal,
  });
  child.stdout.setEncoding("utf8").on("data", onText);
  child.stderr.setEncoding("utf8").on("data", onText);
  await once(child, "close");
}
