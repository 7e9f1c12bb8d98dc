import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { machineDisk, type Disk } from "../../src/base/disk.ts";
import { Random } from "../fuzz/random.ts";
import { SimulatedDisk } from "../helpers/simulated-disk.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "disk-model-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const names = ["a", "b"] as const;

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : error;
}

/** One operation, chosen by a seed; its answer, or the code of its error. */
function operate(disk: Disk, pathOf: (name: string) => string, random: Random): unknown {
  const name = random.pick(names);
  const file = pathOf(name);
  const other = pathOf(names[1 - names.indexOf(name)] ?? "a");
  const mode = random.pick(["read", "write", "create"] as const);
  const position = random.below(2000);
  const bytes = Buffer.alloc(1 + random.below(3000), 1 + random.below(250));
  const kind = random.below(5);
  try {
    if (kind === 0) return disk.replace(file, other);
    if (kind === 1) return disk.remove(file);
    if (kind === 2) return disk.identity(file) === disk.identity(file);
    const handle = disk.open(file, kind === 3 ? mode : "read");
    try {
      const isToWrite = kind === 3 && mode !== "read";
      const written = isToWrite ? handle.write(bytes, position) : 0;
      if (isToWrite && random.once(3)) handle.truncate(random.below(4000));
      handle.sync();
      const read = Buffer.alloc(5000);
      const count = handle.read(read, 0);
      return [written, handle.sizeBytes(), read.subarray(0, count).toString("hex")];
    } finally {
      handle.close();
    }
  } catch (error) {
    return codeOf(error);
  }
}

function answersOf(disk: Disk, pathOf: (name: string) => string, seed: number): readonly unknown[] {
  const random = new Random(seed);
  return Array.from({ length: 60 }, () => operate(disk, pathOf, random));
}

it.runIf(process.platform === "linux")("answers operations as a disk of Linux does", () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const real = mkdtempSync(join(folder, "seed-"));
    const simulated = new SimulatedDisk({ random: () => 0.5 });
    expect(answersOf(machineDisk, (name) => join(real, name), seed)).toEqual(
      answersOf(simulated, (name) => name, seed),
    );
  }
});
