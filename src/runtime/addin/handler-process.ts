/** The process that runs one handler for another process of the add-in. */
import { readSync, writeSync } from "node:fs";

import { WsbError } from "../../base/errors.ts";
import type { AddinManifest } from "../manifest/manifest.ts";
import type { NativeBinding } from "../native/binding.ts";
import { answerOrder } from "./answer-order.ts";
import { afterRealTime } from "./call-handler.ts";
import { MAX_REQUEST_BYTES, formatAnswer, parseOrder } from "./handler-protocol.ts";
import { loadAddin } from "./load-addin.ts";
import { protectProcess } from "./own-process.ts";
import { openAddinEvents } from "./session-parts.ts";
import { createServerStackMapper } from "./stack.ts";

const STDIN = 0;
const STDOUT = 1;
const CHUNK_BYTES = 64 * 1024;

export interface HandlerProcessOptions {
  readonly binding: NativeBinding;
  readonly manifest: AddinManifest;
  /** `import.meta.url` of the built file. */
  readonly moduleUrl: string;
}

/**
 * Reads an order from stdin, runs its handler within its limit, and writes the answer to stdout.
 *
 * @param load Loads the module whose default export is the add-in.
 * @returns The exit code: 0 when an answer was written, even of a failure.
 */
export async function runOrderedHandler(
  load: () => Promise<unknown>,
  { binding, manifest, moduleUrl }: HandlerProcessOptions,
): Promise<number> {
  const order = parseOrder(readInput());
  const emit = openAddinEvents(binding, manifest, { role: "handler" });
  const allowExit = protectProcess(emit);
  const answer = await answerOrder(order, {
    load: () => loadAddin(load, emit),
    after: afterRealTime,
    emit,
    startProcess: (options) => binding.startProcess(options),
    mapStack: createServerStackMapper(moduleUrl),
  });
  // Written at once: what a handler printed may still wait in a stream.
  writeSync(STDOUT, formatAnswer(order.marker, answer));
  allowExit();
  return 0;
}

/** Reads stdin to its end. */
function readInput(): string {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const chunk = new Uint8Array(CHUNK_BYTES);
    const count = readChunk(chunk);
    if (count === 0) return Buffer.concat(chunks).toString("utf8");
    bytes += count;
    if (bytes > MAX_REQUEST_BYTES) {
      throw new WsbError(
        "ERR_WSB_INVALID_ARGUMENT",
        `The input has more than ${MAX_REQUEST_BYTES} bytes. Only the add-in's own processes start this mode.`,
      );
    }
    chunks.push(chunk.subarray(0, count));
  }
}

function readChunk(chunk: Uint8Array): number {
  try {
    return readSync(STDIN, chunk);
  } catch (error) {
    // Windows reports the end of a pipe as an error.
    if (error instanceof Error && "code" in error && error.code === "EOF") return 0;
    throw error;
  }
}
