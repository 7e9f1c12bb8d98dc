import { dirname } from "node:path";

import type { Disk } from "../../../src/base/disk.ts";
import type { Distrust, HeldFile } from "../../../src/runtime/native/binding.ts";
import type { ProtectionApi } from "../../../src/runtime/native/protected-folder.ts";
import {
  ADMINISTRATORS,
  OWNED_BY_MALLORY as DISTRUST,
} from "../../helpers/fakes/fake-protection.ts";
import { NativeError } from "../../helpers/fakes/native-error.ts";
import type { MachineDisk } from "./disk.ts";
import type { FileLocks, LockRequest } from "./file-locks.ts";
import type { EffectKind, Process, Processes } from "./processes.ts";

const IO_DEVICE = 0x8007_045d;
const FILE_NOT_FOUND = 0x8007_0002;
const SHARING_VIOLATION = 0x8007_0020;
const ALREADY_EXISTS = 0x8007_00b7;
const INVALID_OWNER = 0x8007_051b;
const DIRECTORY = 0x8007_010b;
const PATH_NOT_FOUND = 0x8007_0003;

export interface MachineFoldersOptions {
  readonly processes: Processes;
  readonly disk: MachineDisk;
  readonly locks: FileLocks;
  /** Where every user may make folders. */
  readonly root: string;
}

/** The folders below ProgramData, and who owns what there. Owners are on the disk at once. */
export class MachineFolders {
  readonly #options: MachineFoldersOptions;
  /** The folders, and whether they belong to an ordinary user. */
  readonly #folders = new Map<string, { readonly isForeign: boolean }>();
  /** The files of an ordinary user. */
  readonly #foreign = new Set<string>();
  /** Whether an ordinary user has what he planted open, so that Windows does not rename it. */
  isHeld = false;
  /** How many times more an ordinary user makes a folder just before somebody else does. */
  races = 0;

  constructor(options: MachineFoldersOptions) {
    this.#options = options;
  }

  has(path: string): boolean {
    return this.#folders.has(path) || this.#options.disk.bytesOf(path) !== undefined;
  }

  isForeign(path: string): boolean {
    return this.#distrustOf(path) !== undefined;
  }

  /** What an administrator makes. */
  make(folders: readonly string[]): void {
    for (const folder of folders) this.#folders.set(folder, { isForeign: false });
  }

  /** What an ordinary user makes, who may do so only where nothing is. */
  plant(folders: readonly string[], files: ReadonlyMap<string, Uint8Array>): boolean {
    const [top] = folders;
    if (top === undefined || this.has(top)) return false;
    for (const folder of folders) this.#folders.set(folder, { isForeign: true });
    for (const [file, bytes] of files) this.plantFile(file, bytes);
    return true;
  }

  plantFile(file: string, bytes: Uint8Array): void {
    this.#options.disk.setBytes(file, bytes);
    this.#foreign.add(file);
  }

  /** Removes a folder and what is in it, as an administrator can. */
  removeFolder(folder: string): void {
    const { disk } = this.#options;
    for (const file of disk.filesBelow(folder)) {
      disk.remove(file);
      this.#foreign.delete(file);
    }
    for (const path of this.#folders.keys()) {
      if (path === folder || dirname(path) === folder) this.#folders.delete(path);
    }
  }

  /** The disk of a process: no file without its folder, and a file keeps its owner. */
  diskOf(process: Process): Disk {
    const disk = this.#options.disk.of(process);
    return {
      ...disk,
      open: (file, mode) => {
        if (mode === "create" && !this.#folders.has(dirname(file))) {
          throw Object.assign(new Error("ENOENT: simulated"), { code: "ENOENT" });
        }
        return disk.open(file, mode);
      },
      replace: (from, to) => {
        disk.replace(from, to);
        this.#moved(from, to);
      },
      remove: (file) => {
        disk.remove(file);
        this.#foreign.delete(file);
      },
    };
  }

  /** Takes a lock file, which needs its folder. */
  lock(process: Process, request: LockRequest): Promise<HeldFile | null> {
    if (!this.#folders.has(dirname(request.file))) {
      return Promise.reject(new NativeError(PATH_NOT_FOUND, "CreateFileW"));
    }
    return this.#options.locks.lock(process, request);
  }

  protectionOf(process: Process): ProtectionApi {
    const run = <T>(effect: EffectKind, path: string, perform: () => T): T =>
      this.#options.processes.now(process, effect, path.replace(/^.*[\\/]/u, ""), (fault) => {
        if (fault === "error") throw new NativeError(IO_DEVICE, effect, "An I/O error occurred.");
        return perform();
      });
    return {
      inspectProtected: (path) => run("protected.inspect", path, () => this.#inspect(path)),
      readProtectedFile: (folders, file) =>
        run("protected.read", file, () => this.#read(folders, file)),
      createProtectedFolder: (path) => run("protected.folder", path, () => this.#create(path)),
      moveAside: (from, to) => run("protected.moveAside", from, () => this.#moveAside(from, to)),
      accountName: () => null,
    };
  }

  #inspect(path: string): ReturnType<ProtectionApi["inspectProtected"]> {
    if (!this.has(path)) return null;
    const distrust = this.#distrustOf(path) ?? null;
    const isFolder = this.#folders.has(path);
    return {
      isFolder,
      isReparsePoint: false,
      owner: distrust?.owner ?? ADMINISTRATORS,
      distrust,
    };
  }

  #distrustOf(path: string): Distrust | undefined {
    const isForeign = this.#folders.get(path)?.isForeign ?? this.#foreign.has(path);
    return isForeign ? DISTRUST : undefined;
  }

  #read(folders: readonly string[], file: string): ReturnType<ProtectionApi["readProtectedFile"]> {
    for (const path of [...folders, file]) {
      if (!this.has(path)) return null;
      const distrust = this.#distrustOf(path);
      if (distrust !== undefined) return { path, ...distrust };
    }
    return this.#options.disk.bytesOf(file) ?? null;
  }

  #create(path: string): void {
    const { root, disk, locks } = this.#options;
    const isTop = dirname(path) === root;
    if (isTop && this.races > 0) {
      this.races -= 1;
      this.plant([path], new Map());
    }
    if (!isTop && !this.#folders.has(dirname(path))) {
      throw new NativeError(PATH_NOT_FOUND, "CreateDirectoryW");
    }
    if (locks.isHeld(path)) throw new NativeError(SHARING_VIOLATION, "CreateFileW");
    if (disk.bytesOf(path) !== undefined) throw new NativeError(DIRECTORY, "CreateDirectoryW");
    if (this.#distrustOf(path) !== undefined) {
      throw new NativeError(INVALID_OWNER, "CreateDirectoryW");
    }
    this.#folders.set(path, { isForeign: false });
  }

  #moveAside(from: string, to: string): void {
    const { disk, locks } = this.#options;
    if (!this.has(from)) throw new NativeError(FILE_NOT_FOUND, "CreateFileW");
    if (this.isHeld || locks.isHeldBelow(from)) {
      throw new NativeError(SHARING_VIOLATION, "SetFileInformationByHandle");
    }
    if (this.has(to)) throw new NativeError(ALREADY_EXISTS, "SetFileInformationByHandle");
    for (const [path, folder] of this.#folders) {
      if (path !== from && !path.startsWith(`${from}/`) && !path.startsWith(`${from}\\`)) continue;
      this.#folders.delete(path);
      this.#folders.set(`${to}${path.slice(from.length)}`, folder);
    }
    const own = disk.bytesOf(from) === undefined ? [] : [from];
    for (const file of [...own, ...disk.filesBelow(from)]) {
      const moved = `${to}${file.slice(from.length)}`;
      disk.move(file, moved);
      this.#moved(file, moved);
    }
  }

  #moved(from: string, to: string): void {
    if (this.#foreign.delete(from)) this.#foreign.add(to);
    else this.#foreign.delete(to);
  }
}
