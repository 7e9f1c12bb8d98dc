import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type {
  NativeProcess,
  NativeProcessEnd,
  NativeProcessOptions,
} from "../../../src/runtime/native/binding.ts";
import { ALIAS_PREFIX } from "../../../src/tools/diskshadow/script.ts";

export const SHADOW_ID = "{0C5D1D2E-0000-4000-8000-00000000000C}";

/** What a stand-in for diskshadow does with its script. */
export interface FakeDiskshadowOptions {
  /** Ends before the command file. */
  readonly failsWith?: NativeProcessEnd;
  /** The exit code after the command file. @defaultValue 0 */
  readonly exitCode?: number;
  /** The variables for the command file. @defaultValue the shadow copy of `C:` */
  readonly aliases?: Readonly<Record<string, string>>;
}

/** A program that obeys a script as diskshadow.exe does: EXEC runs a command file and waits for it. */
export class FakeDiskshadow {
  readonly #options: FakeDiskshadowOptions;
  /** The commands of the last script. */
  script: readonly string[] = [];
  folder = "";
  kills = 0;
  #waiting: ChildProcess | undefined;

  constructor(options: FakeDiskshadowOptions = {}) {
    this.#options = options;
  }

  readonly startProcess = ({ commandLine, environment }: NativeProcessOptions): NativeProcess => {
    const script = /"([^"]*script\.txt)"$/u.exec(commandLine)?.[1] ?? "";
    this.folder = dirname(script);
    this.script = readFileSync(script, "utf8").trimEnd().split("\r\n");
    const variables = environment.map((one) => {
      const split = one.indexOf("=");
      return [one.slice(0, split), one.slice(split + 1)] as const;
    });
    return {
      pid: 1,
      ended: this.#run(Object.fromEntries(variables)),
      kill: () => {
        this.kills += 1;
        this.#waiting?.kill();
      },
    };
  };

  get isFolderThere(): boolean {
    return existsSync(this.folder);
  }

  async #run(env: Readonly<Record<string, string>>): Promise<NativeProcessEnd> {
    const { failsWith, exitCode = 0, aliases } = this.#options;
    if (failsWith !== undefined) return failsWith;
    const waiting = spawn(process.execPath, [join(this.folder, "wait.mjs")], {
      env: { ...env, ...(aliases ?? { [`${ALIAS_PREFIX}C`]: SHADOW_ID }) },
      stdio: "ignore",
    });
    this.#waiting = waiting;
    const waited = await new Promise<number | null>((resolve) => {
      waiting.once("exit", resolve);
    });
    return { exitCode: waited === 0 ? exitCode : 5, output: "the command file ended" };
  }
}
