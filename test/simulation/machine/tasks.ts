import { WsbError } from "../../../src/base/errors.ts";
import type { BootTasks } from "../../../src/tools/registration/boot-task.ts";
import type { EffectKind, Process, Processes } from "./processes.ts";

/** The start-up tasks; the task scheduler writes them through, so that they outlive a power cut. */
export class MachineTasks {
  readonly #processes: Processes;
  readonly xml = new Map<string, string>();
  /** Whether the service Schedule runs. Without it, its files can still be read. */
  isRunning = true;
  /** Hears of each task that a process creates. */
  onCreate: (xml: string) => void = () => {};

  constructor(processes: Processes) {
    this.#processes = processes;
  }

  of(process: Process): BootTasks {
    return {
      read: (clsid) =>
        this.#processes.now(process, "task.read", "", (fault) => {
          if (fault === "error") throw new WsbError("ERR_WSB_FILE", "Cannot read the task.");
          return this.xml.get(clsid) ?? null;
        }),
      create: (clsid, xml) =>
        this.#change(process, "task.create", () => {
          this.onCreate(xml);
          this.xml.set(clsid, xml);
        }),
      remove: async (clsid) => {
        if (!this.xml.has(clsid)) return;
        await this.#change(process, "task.remove", () => void this.xml.delete(clsid));
      },
    };
  }

  #change(process: Process, effect: EffectKind, perform: () => void): Promise<void> {
    return this.#processes.later(process, effect, "", (fault, isAfter) => {
      const fails = fault === "error" || !this.isRunning;
      // A limit that has passed does not take back what the scheduler does.
      if (!fails || (isAfter && this.isRunning)) perform();
      if (fails) throw new WsbError("ERR_WSB_WINDOWS_API", "The task scheduler does not answer.");
    });
  }
}
