/**
 * A writer without the kit's runtime, in the lab's node.exe, alone or as a service. A test drives it
 * over a socket: it reports each event, and does what the test says.
 */
import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";

import { loadBinding } from "../../../src/runtime/native/binding.ts";
import type { ServiceHost } from "../../../src/runtime/native/service-host.ts";
import type {
  NativeWriter,
  NativeWriterFailure,
  NativeWriterOptions,
} from "../../../src/runtime/native/vss-writer.ts";
import { accessDescriptor } from "./raw-server.ts";

/** What the test gives as the only argument, as JSON. */
export interface RawWriterOptions {
  readonly port: number;
  /** `undefined`: not a service. */
  readonly service?: {
    readonly name: string;
    readonly startLimitMs: number;
    readonly stopLimitMs: number;
  };
}

export type WriterSettings = Omit<NativeWriterOptions, "accessDescriptor" | "onEvent">;

/** What the test says. */
export type WriterCommand =
  | { readonly say: "create"; readonly settings: WriterSettings }
  | { readonly say: "complete"; readonly id: number; readonly failure?: NativeWriterFailure }
  | { readonly say: "unsubscribe" }
  | { readonly say: "ready" }
  | { readonly say: "stopped"; readonly exitCode: number }
  /** Blocks the event loop, but not before the answer was sent. */
  | { readonly say: "block"; readonly durationMs: number }
  | { readonly say: "exit"; readonly exitCode: number };

interface Failure {
  readonly hresult?: number;
  readonly api?: string;
  readonly message: string;
}

function describe(error: unknown): Failure {
  const { hresult, api, message } = error as Failure;
  return { message, ...(hresult === undefined ? {} : { hresult, api: String(api) }) };
}

/** Blocks this thread, as a handler with an endless loop does. */
function block(durationMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs);
}

const [argument = "{}"] = process.argv.slice(2);
const options = JSON.parse(argument) as RawWriterOptions;
const binding = loadBinding();

let host: ServiceHost | undefined;
let writer: NativeWriter | undefined;

const socket = connect(options.port, "127.0.0.1");
await once(socket, "connect");
socket.setNoDelay();
socket.on("error", () => {});
const report = (kind: string, facts: object = {}): void => {
  socket.write(`${JSON.stringify({ kind, ...facts })}\n`);
};

async function attempt(what: string, act: () => Promise<object | void>): Promise<void> {
  try {
    report(what, (await act()) ?? {});
  } catch (error) {
    report("failed", { what, error: describe(error) });
  }
}

async function obey(command: WriterCommand): Promise<void> {
  switch (command.say) {
    case "create":
      await attempt("subscribed", async () => {
        writer = await binding.createWriter({
          ...command.settings,
          accessDescriptor,
          onEvent: (event) => report(event.kind, event),
        });
      });
      break;
    case "complete":
      await attempt("completed", async () => ({
        wasInTime: writer?.complete(
          command.id,
          ...(command.failure === undefined ? [] : [command.failure]),
        ),
      }));
      break;
    case "unsubscribe":
      await attempt("unsubscribed", async () => writer?.unsubscribe());
      break;
    case "ready":
      host?.ready();
      report("readied");
      break;
    case "stopped":
      await attempt("ended", async () => host?.stopped(command.exitCode));
      socket.end();
      break;
    case "block":
      await new Promise((resolve) => socket.write('{"kind":"blocking"}\n', resolve));
      block(command.durationMs);
      report("unblocked");
      break;
    case "exit":
      process.exit(command.exitCode);
  }
}

createInterface({ input: socket }).on("line", (line) => {
  void obey(JSON.parse(line) as WriterCommand);
});
// The test has ended.
socket.once("close", () => {
  if (options.service === undefined) process.exit(0);
});

if (options.service === undefined) {
  report("started");
} else {
  const { name, startLimitMs, stopLimitMs } = options.service;
  await attempt("started", async () => {
    host = await binding.runService({
      name,
      startLimitMs,
      stopLimitMs,
      onStop: (reason) => report("stop", { reason }),
    });
  });
}
