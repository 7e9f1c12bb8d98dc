/**
 * Runs in the lab's node.exe: leaves waits for an exit behind in the ways that its argument names.
 * It has to end by itself and with exit code 0.
 */
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";

import { loadBinding, type ProcessExitWait } from "../../src/native/binding.ts";

function waitForSelf(pid: number): ProcessExitWait {
  const binding = loadBinding();
  const { startedAt = "" } = binding.processInfo(pid) ?? {};
  return binding.waitForProcessExit(pid, startedAt);
}

function leave(how: string): void {
  switch (how) {
    case "closed":
      waitForSelf(process.pid).close();
      break;
    case "exit":
      waitForSelf(process.pid);
      process.exit();
      break;
    case "worker": {
      const worker = new Worker(new URL(import.meta.url), { workerData: process.pid });
      worker.on("message", () => void worker.terminate());
      break;
    }
    default:
      process.exit(2);
  }
}

if (isMainThread) {
  leave(process.argv[2] ?? "");
} else {
  waitForSelf(Number(workerData));
  parentPort?.postMessage("waiting", []);
}
