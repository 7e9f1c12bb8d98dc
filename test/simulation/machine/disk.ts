import { join, sep } from "node:path";

import type { Disk, DiskFile, OpenMode } from "../../../src/base/disk.ts";
import { SimulatedDisk, type Fault } from "../../helpers/simulated-disk.ts";
import type { Random } from "../../fuzz/random.ts";
import type { EffectKind, FaultKind, Process, Processes } from "./processes.ts";

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: simulated`), { code });
}

/** The one disk of the machine; each process sees it through its own {@link diskOf}. */
export class MachineDisk {
  readonly #processes: Processes;
  readonly #disk: SimulatedDisk;
  #fault: Fault | undefined;
  /** The open files, by file identity: Windows replaces no file that is open. */
  readonly #open = new Map<Process, string[]>();

  constructor(processes: Processes, random: Random) {
    this.#processes = processes;
    this.#disk = new SimulatedDisk({
      random: () => random.below(1_000_000) / 1_000_000,
      fault: () => this.#fault,
    });
  }

  /** Leaves no more than this free. */
  fill(spaceBytes: number): void {
    this.#disk.setSpace(spaceBytes);
  }

  powerCut(): void {
    this.#open.clear();
    this.#disk.powerCut();
  }

  bytesOf(file: string): Buffer | undefined {
    return this.#disk.has(file) ? this.#disk.bytesOf(file) : undefined;
  }

  setBytes(file: string, bytes: Uint8Array): void {
    this.#disk.setBytes(file, bytes);
  }

  remove(file: string): void {
    this.#disk.remove(file);
  }

  /** The files below a folder. */
  filesBelow(folder: string): readonly string[] {
    return this.#disk.paths.filter((file) => file.startsWith(join(folder, sep)));
  }

  move(from: string, to: string): void {
    this.#disk.move(from, to);
  }

  of(process: Process): Disk {
    process.exits.push(() => this.#open.delete(process));
    return {
      open: (file, mode) => this.#openFile(process, file, mode),
      replace: (from, to) =>
        this.#do(process, "disk.replace", to, () => {
          this.#refuseOpen(to);
          this.#disk.replace(from, to);
        }),
      remove: (file) =>
        this.#do(process, "disk.remove", file, () => {
          this.#refuseOpen(file);
          this.#disk.remove(file);
        }),
      identity: (file) => this.#do(process, "disk.identity", file, () => this.#disk.identity(file)),
      pause: () => {},
    };
  }

  #openFile(process: Process, file: string, mode: OpenMode): DiskFile {
    const handle = this.#do(process, "disk.open", `${file} ${mode}`, () =>
      this.#disk.open(file, mode),
    );
    const identity = handle.identity();
    const open = this.#open.get(process) ?? [];
    this.#open.set(process, open);
    open.push(identity);
    return {
      read: (bytes, position) =>
        this.#do(process, "disk.read", file, () => handle.read(bytes, position)),
      write: (bytes, position) =>
        this.#do(process, "disk.write", `${file} ${bytes.length} at ${position}`, () =>
          handle.write(bytes, position),
        ),
      sync: () => this.#do(process, "disk.sync", file, () => handle.sync()),
      truncate: (sizeBytes) => handle.truncate(sizeBytes),
      sizeBytes: () => handle.sizeBytes(),
      identity: () => identity,
      close: () => {
        const at = open.indexOf(identity);
        if (at !== -1) open.splice(at, 1);
      },
    };
  }

  #refuseOpen(file: string): void {
    if (!this.#disk.has(file)) return;
    const identity = this.#disk.identity(file);
    for (const open of this.#open.values()) {
      if (open.includes(identity)) throw systemError("EPERM");
    }
  }

  #do<T>(process: Process, effect: EffectKind, what: string, perform: () => T): T {
    const short = what.replace(/^.*[\\/]/u, "");
    return this.#processes.now(process, effect, short, (fault) => this.#perform(fault, perform));
  }

  #perform<T>(fault: FaultKind | undefined, perform: () => T): T {
    this.#fault = fault === "short" || fault === "error" ? fault : undefined;
    try {
      if (fault === "error") {
        perform();
        throw systemError("EIO");
      }
      return perform();
    } finally {
      this.#fault = undefined;
    }
  }
}
