/**
 * A server without the kit's runtime, in the lab's node.exe. The component's name defines its
 * answer and its faults. {@link startRawServer} is its entry.
 */
import { appendFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";

import {
  loadBinding,
  type NativeReply,
  type ServerEvent,
} from "../../../src/runtime/native/binding.ts";

export interface RawServerOptions {
  readonly clsid: string;
  /** The file for the server's output, as JSON lines. */
  readonly record: string;
  readonly lingerMs: number;
  /** The thread that loads the shim and serves. */
  readonly thread: "main" | "worker";
}

// Ends after a while, in case the test does not end it.
const LIFE_MS = 120_000;
const LIMIT_MS = 30_000;
const HEARTBEAT_MS = 100;

// SYSTEM and Administrators, with COM_RIGHTS_EXECUTE | COM_RIGHTS_EXECUTE_LOCAL.
const ACCESS_BASE64 =
  "AQAEgEgAAABYAAAAAAAAABQAAAACADQAAgAAAAAAFAADAAAAAQEAAAAAAAUSAAAAAAAYAAMAAAABAgAAAAAABSAAAAAgAgAAAQIAAAAAAAUgAAAAIAIAAAECAAAAAAAFIAAAACACAAA=";

/** A security descriptor that every server can start with. */
export const accessDescriptor: Uint8Array = new Uint8Array(Buffer.from(ACCESS_BASE64, "base64"));

/** Invalid replies, each with one fault. */
export const malformedReplies: Readonly<Record<string, unknown>> = {
  nothing: undefined,
  "a text": "S_OK",
  "no HRESULT": {},
  "a text for HRESULT": { hresult: "0" },
  "a fraction for HRESULT": { hresult: 0.5 },
  "an HRESULT of 33 bits": { hresult: 2 ** 32 },
  "a negative HRESULT": { hresult: -1 },
  "a number for description": { hresult: 0, description: 5 },
  "a NUL in description": { hresult: 0x80004005, description: "a\0b" },
  "an object for order": { hresult: 0, order: {} },
  "an array for order": { hresult: 0, order: [0] },
  "numbers of another kind for order": { hresult: 0, order: Int32Array.of(0) },
  "10,001 components": { hresult: 0, order: new Uint32Array(10_001) },
  "a number for rollForwardSupported": { hresult: 0, rollForwardSupported: 1 },
  "a text for startsOperation": { hresult: 0, startsOperation: "yes" },
  "a getter that throws": {
    get hresult(): number {
      throw new RangeError("no HRESULT today");
    },
  },
};

function recorder(file: string): (line: Readonly<Record<string, unknown>>) => void {
  return (line) => appendFileSync(file, `${JSON.stringify({ pid: process.pid, ...line })}\n`);
}

function serve({ clsid, record: file, lingerMs }: RawServerOptions): void {
  const record = recorder(file);
  const ok: NativeReply = { hresult: 0 };

  const behave = async (id: number, name: string): Promise<void> => {
    const [behaviour = "", argument = ""] = name.split(":");
    switch (behaviour) {
      case "hang":
        break;
      case "wait":
        await delay(Number(argument));
        server.answer(id, ok);
        break;
      case "malformed":
        try {
          server.answer(id, malformedReplies[argument] as NativeReply);
        } catch (error) {
          record({ method: "refused", argument, error: String(error) });
        }
        break;
      case "stop":
        server.stop();
        break;
      case "exit":
        process.exit(3);
        break;
      case "terminate":
        parentPort?.postMessage("terminate", []);
        break;
      default:
        server.answer(id, ok);
    }
  };

  const options = {
    clsid,
    accessDescriptor,
    interfaces: { restore: true, backup: true },
    script: process.argv[1] ?? "",
    lingerMs,
    limitsMs: {
      preRestore: LIMIT_MS,
      postRestore: LIMIT_MS,
      orderComponents: LIMIT_MS,
      isRollForwardSupported: LIMIT_MS,
      checkConsistency: LIMIT_MS,
    },
    onEvent: (event: ServerEvent): void => {
      if (event.kind !== "call") {
        record({ method: event.kind });
        if (event.kind === "idle") server.stop();
        return;
      }
      const { id, call, clientPid } = event;
      record({ ...call, clientPid });
      if (call.method === "orderComponents") {
        // The first component's name is the list of positions to answer: "1,0".
        const [positions = ""] = call.names.split("\0", 1);
        const order = Uint32Array.from(positions === "" ? [] : positions.split(","), Number);
        server.answer(id, { hresult: 0, order });
        return;
      }
      if (call.method === "checkConsistency") {
        server.answer(id, { hresult: 0, startsOperation: true });
        return;
      }
      const name = "componentName" in call ? (call.componentName ?? "") : "";
      if (name === "throw") throw new Error("thrown by onEvent");
      if (name === "spin") {
        parentPort?.postMessage("terminate", []);
        for (;;);
      }
      void behave(id, name);
    },
  };
  const binding = loadBinding();
  const server = binding.startServer(options);
  record({ method: "serving" });
}

/** Serves in this thread, or in a worker thread that can be terminated. */
export function startRawServer(options: RawServerOptions): void {
  setTimeout(() => process.exit(), LIFE_MS);
  if (options.thread === "main") {
    serve(options);
    return;
  }
  const record = recorder(options.record);
  const worker = new Worker(new URL(import.meta.url), { workerData: options });
  worker.on("error", (error) => record({ method: "worker failed", error: String(error) }));
  worker.on("message", () => {
    void worker.terminate().then((code) => {
      record({ method: "worker ended", code });
      // Shows whether the process survives its worker.
      let beat = 0;
      setInterval(() => record({ method: "alive", beat: (beat += 1) }), HEARTBEAT_MS);
    });
  });
}

if (!isMainThread) serve(workerData as RawServerOptions);
