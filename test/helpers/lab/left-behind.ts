/**
 * Runs in the lab's node.exe: leaves a wait for an exit, a watch on a service or a running program,
 * as its argument says, and prints the program's process id. It must still end, with exit code 0.
 */
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";

import { loadBinding } from "../../../src/runtime/native/binding.ts";

const HOLD = "setTimeout(() => {}, 120000)";

const binding = loadBinding();

function startWait(): { close(): void } {
  const { startedAt = "" } = binding.processInfo(process.pid) ?? {};
  return binding.waitForProcessExit(process.pid, startedAt);
}

function startProgram(): void {
  const { pid } = binding.startProcess({
    file: process.execPath,
    commandLine: `"${process.execPath}" -e "${HOLD}"`,
    folder: "C:\\",
    environment: Object.entries(process.env).map(([name, value]) => `${name}=${value}`),
    input: new Uint8Array(),
    outputBytes: 1,
  });
  console.log(pid);
}

async function startWatch(): Promise<void> {
  await binding.watchServices(["RpcSs"], () => {});
}

function leave(what: string): void {
  if (what === "a wait") startWait();
  else if (what === "a watch") void startWatch();
  else startProgram();
}

const [, , what = "", when = ""] = process.argv;
if (!isMainThread) {
  leave(String(workerData));
  parentPort?.postMessage("left", []);
} else if (when === "in a worker") {
  const worker = new Worker(new URL(import.meta.url), { workerData: what });
  worker.on("message", () => void worker.terminate());
} else if (when === "at exit") {
  leave(what);
  process.exit();
} else if (what === "a watch") {
  await startWatch();
} else {
  startWait().close();
}
