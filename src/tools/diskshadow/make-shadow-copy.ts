import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { WsbError } from "../../base/errors.ts";
import { lateCrypto } from "../../base/late-modules.ts";
import { formatCommandLine } from "../../runtime/addin/command-line.ts";
import { environmentOf } from "../../runtime/addin/program.ts";
import type {
  NativeBinding,
  NativeProcess,
  NativeProcessEnd,
} from "../../runtime/native/binding.ts";
import { type ProtectionApi } from "../../runtime/native/protected-folder.ts";
import { ScriptFolder } from "./script-folder.ts";
import { aliasOf, type ShadowPlan } from "./script.ts";
import {
  NODE_VARIABLE,
  PIPE_VARIABLE,
  SECRET_VARIABLE,
  ShadowSignal,
  type ShadowIds,
} from "./signal.ts";

/** The devices of shadow copies, by volume: `C:\` and `\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy1`. */
export type ShadowDevices = ReadonlyMap<string, string>;

export interface DiskshadowOptions extends Pick<ShadowPlan, "writerId" | "volumes"> {
  readonly api: ProtectionApi & Pick<NativeBinding, "startProcess">;
  /** diskshadow.exe, with what comes before its own arguments. */
  readonly program: { readonly file: string; readonly args: readonly string[] };
  /** The program that runs the command file's script. */
  readonly node: string;
  /** Returns the device of a shadow copy. */
  readonly deviceOf: (shadowId: string, signal: AbortSignal) => Promise<string>;
  /** Is told what was set aside in the kit's folder. */
  readonly report: (text: string) => void;
  /** Ends diskshadow, and so the shadow copy. */
  readonly signal: AbortSignal;
}

// The writers have minutes to prepare, and the providers to make the copies.
const CREATE_MS = 30 * 60_000;
const END_MS = 2 * 60_000;
const OUTPUT_BYTES = 16 * 1024;
const KEPT_CHARACTERS = 1000;

/** Shadow copies that exist until their end. */
export interface ShadowCopySet {
  readonly devices: ShadowDevices;
  /**
   * Ends the backup, and with it the shadow copies.
   *
   * @throws {@link WsbError} `ERR_WSB_PROGRAM` with what diskshadow wrote when it fails; the signal's
   * reason when it aborted.
   */
  end(): Promise<void>;
}

/**
 * Makes a shadow copy of each volume with diskshadow.exe, which asks the writers. They are gone when
 * this process has ended, however that happens.
 *
 * @throws {@link WsbError} `ERR_WSB_PROGRAM` with what diskshadow wrote when it fails;
 * `ERR_WSB_ACCESS_DENIED` without elevation; the signal's reason when it aborts.
 */
export async function makeShadowCopy(options: DiskshadowOptions): Promise<ShadowCopySet> {
  options.signal.throwIfAborted();
  const folder = new ScriptFolder(options);
  try {
    folder.write();
    const running = await Running.start(options, folder);
    return { devices: await running.devices(), end: () => running.end() };
  } catch (error) {
    folder.remove();
    throw error;
  }
}

/** A run of diskshadow. */
class Running {
  readonly #options: DiskshadowOptions;
  readonly #folder: ScriptFolder;
  readonly #signal: ShadowSignal;
  readonly #process: NativeProcess;
  readonly #abort = (): void => this.#process.kill();
  /** Why it was ended. */
  #late: WsbError | undefined;

  private constructor(
    options: DiskshadowOptions,
    folder: ScriptFolder,
    { signal, process }: { readonly signal: ShadowSignal; readonly process: NativeProcess },
  ) {
    this.#options = options;
    this.#folder = folder;
    this.#signal = signal;
    this.#process = process;
    options.signal.addEventListener("abort", this.#abort, { once: true });
  }

  static async start(options: DiskshadowOptions, folder: ScriptFolder): Promise<Running> {
    const secret = lateCrypto().randomUUID();
    const pipe = pipePath();
    const signal = await ShadowSignal.open(pipe, secret);
    try {
      // It may have aborted meanwhile, and a listener would not hear of that.
      options.signal.throwIfAborted();
      const process = startProgram(options, folder.path, { pipe, secret });
      return new Running(options, folder, { signal, process });
    } catch (error) {
      signal.close();
      throw error;
    }
  }

  /** Waits until the shadow copies exist. When that fails, nothing is left. */
  async devices(): Promise<ShadowDevices> {
    const stopLimit = this.#limit(CREATE_MS, "made no shadow copy");
    try {
      const failed = this.#process.ended.then((end) => {
        throw this.#failure(`made no shadow copy (exit code ${end.exitCode})`, end);
      });
      const ids = await Promise.race([this.#signal.created, failed]);
      return await devicesOf(this.#options, ids);
    } catch (error) {
      await this.#kill();
      throw error;
    } finally {
      stopLimit();
    }
  }

  async end(): Promise<void> {
    this.#signal.finish();
    const stopLimit = this.#limit(END_MS, "did not end");
    const end = await this.#process.ended;
    stopLimit();
    await this.#kill();
    if (end.exitCode === 0 && !this.#options.signal.aborted && this.#late === undefined) return;
    throw this.#failure(`failed at its end (exit code ${end.exitCode})`, end);
  }

  #limit(limitMs: number, what: string): () => void {
    const timer = setTimeout(() => {
      const text = `diskshadow.exe ${what} within ${limitMs / 60_000} minutes. Run it by hand to see why, for example: diskshadow, then: list writers`;
      this.#late = new WsbError("ERR_WSB_TIMEOUT", text);
      this.#process.kill();
    }, limitMs);
    return () => clearTimeout(timer);
  }

  async #kill(): Promise<void> {
    this.#options.signal.removeEventListener("abort", this.#abort);
    this.#process.kill();
    await this.#process.ended;
    this.#signal.close();
    this.#folder.remove();
  }

  #failure(how: string, { output }: NativeProcessEnd): unknown {
    const { signal } = this.#options;
    if (signal.aborted) return signal.reason;
    if (this.#late !== undefined) return this.#late;
    const said = output.trim().slice(-KEPT_CHARACTERS).trim();
    return new WsbError(
      "ERR_WSB_PROGRAM",
      `diskshadow.exe ${how}. ${said === "" ? "It says nothing." : `It says:\n${said}`}`,
    );
  }
}

/** Windows has pipes in a place of their own. */
function pipePath(): string {
  const name = `wsb-addin-${lateCrypto().randomUUID()}`;
  return process.platform === "win32" ? `\\\\.\\pipe\\${name}` : join(tmpdir(), name);
}

function startProgram(
  { api, program, node }: DiskshadowOptions,
  folder: string,
  { pipe, secret }: { readonly pipe: string; readonly secret: string },
): NativeProcess {
  return api.startProcess({
    file: program.file,
    commandLine: formatCommandLine(program.file, [
      ...program.args,
      "/s",
      join(folder, "script.txt"),
    ]),
    folder: dirname(program.file),
    environment: environmentOf({
      NODE_OPTIONS: undefined,
      [PIPE_VARIABLE]: pipe,
      [SECRET_VARIABLE]: secret,
      [NODE_VARIABLE]: node,
    }),
    input: new Uint8Array(),
    outputBytes: OUTPUT_BYTES,
  });
}

async function devicesOf(
  { volumes, deviceOf, signal }: DiskshadowOptions,
  ids: ShadowIds,
): Promise<ShadowDevices> {
  const devices = new Map<string, string>();
  for (const volume of volumes) {
    const id = ids.get(aliasOf(volume));
    if (id === undefined) {
      throw new WsbError(
        "ERR_WSB_PROGRAM",
        `diskshadow.exe did not tell the id of the shadow copy of ${volume}. Report this.`,
      );
    }
    devices.set(volume, await deviceOf(id, signal));
  }
  return devices;
}
