import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { errorText } from "../../base/errors.ts";
import { isRunning } from "../../base/is-running.ts";
import { lateCrypto } from "../../base/late-modules.ts";
import { kitFolder } from "../../base/program-data.ts";
import { whenFree } from "../../base/when-free.ts";
import { makeProtectedFolder, type ProtectionApi } from "../../runtime/native/protected-folder.ts";
import { scriptOf, type ShadowPlan } from "./script.ts";
import { COMMAND_TEXT, WAIT_TEXT } from "./signal.ts";

export interface ScriptFolderOptions extends Pick<ShadowPlan, "writerId" | "volumes"> {
  readonly api: ProtectionApi;
  readonly report: (text: string) => void;
}

const NAME = /^shadow-(\d+)-/u;

/**
 * The folder of what diskshadow obeys with the rights of an administrator. Nobody else can change it.
 */
export class ScriptFolder {
  readonly path: string;
  readonly #options: ScriptFolderOptions;
  readonly #script: string;

  /** @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` for a volume without a drive letter. */
  constructor(options: ScriptFolderOptions) {
    const { writerId, volumes } = options;
    this.path = join(kitFolder(), `shadow-${process.pid}-${lateCrypto().randomUUID()}`);
    this.#options = options;
    this.#script = scriptOf({
      writerId,
      volumes,
      commandFile: join(this.path, "wait.cmd"),
      metadataFile: join(this.path, "metadata.cab"),
    });
  }

  /** Makes the folder, and removes what commands that were killed have left. */
  write(): void {
    const { api, report } = this.#options;
    makeProtectedFolder(api, this.path, report);
    this.#removeLeft();
    writeFileSync(join(this.path, "script.txt"), this.#script);
    writeFileSync(join(this.path, "wait.cmd"), COMMAND_TEXT);
    writeFileSync(join(this.path, "wait.mjs"), WAIT_TEXT);
  }

  /** Idempotent. What cannot be removed is reported: it does not change how a backup ended. */
  remove(): void {
    this.#remove(this.path);
  }

  #removeLeft(): void {
    for (const name of readdirSync(kitFolder())) {
      const pid = NAME.exec(name)?.[1];
      if (pid !== undefined && !isRunning(Number(pid))) this.#remove(join(kitFolder(), name));
    }
  }

  #remove(path: string): void {
    try {
      whenFree(() => rmSync(path, { recursive: true, force: true }));
    } catch (error) {
      this.#options.report(`Cannot remove ${path}: ${errorText(error)} Remove it by hand.`);
    }
  }
}
