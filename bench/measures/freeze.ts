import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { createGuid } from "../../src/base/guid.ts";
import { toWindowsPath } from "../../src/tools/lab/paths.ts";
import { runInLab } from "../../src/tools/lab/run.ts";
import type { Bed } from "../bed.ts";
import { compare } from "../result.ts";
import type { Measure } from "./measure.ts";

const TO_MS = 1e-3;
const RUNS = 3;
const ROUNDS = 60;
const QUICK_ROUNDS = 20;

/** A running C++ writer. */
interface PlainWriter {
  readonly writerId: string;
  end(): Promise<void>;
}

/** Starts the C++ writer, and waits until it takes part in backups. */
async function startPlainWriter(bed: Bed): Promise<PlainWriter> {
  const { lab, folder } = bed;
  const writerId = createGuid();
  const place = join(folder, "plain-writer");
  mkdirSync(place);
  const journal = toWindowsPath(lab, join(place, "freeze.log"));
  const controller = new AbortController();
  let running: Promise<unknown> = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    running = runInLab(lab, bed.program("wsb-bench-writer.exe"), [writerId, journal], {
      signal: controller.signal,
      // It prints a line when it is subscribed.
      onStdout: () => resolve(),
    }).then((code) => reject(new Error(`The C++ writer ended with ${code}.`)), reject);
  });
  return {
    writerId,
    async end() {
      controller.abort();
      await running;
    },
  };
}

/** Compares the time that two writers take from freeze to thaw, with handlers that do nothing. */
export const freeze: Measure = {
  name: "freeze",
  peer: "a C++ writer that keeps the same journal",
  async run({ bed, isQuick }) {
    const addin = await bed.buildAddin("writer", {
      writer: {
        kind: "service",
        components: [
          { name: "Bench", files: [{ path: "C:\\Bench", filespec: "*", recursive: false }] },
        ],
      },
    });
    await bed.command(addin, ["register", "--allow-writable-folder"]);
    const plain = await startPlainWriter(bed);
    try {
      const pair = await bed.measure("freeze", {
        runs: isQuick ? 1 : RUNS,
        rounds: isQuick ? QUICK_ROUNDS : ROUNDS,
        size: 1,
        ours: addin.writerId,
        peer: plain.writerId,
      });
      return [
        compare(
          { name: "Writer: freeze to thaw, without the copy", unit: "ms", goal: 2, factor: TO_MS },
          pair,
        ),
      ];
    } finally {
      await plain.end();
      await bed.command(addin, ["unregister"]);
    }
  },
};
