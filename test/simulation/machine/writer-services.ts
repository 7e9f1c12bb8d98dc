import { WsbError } from "../../../src/base/errors.ts";
import type { ServiceState } from "../../../src/runtime/native/binding.ts";
import type { WriterServices } from "../../../src/tools/registration/writer-service.ts";
import type { EffectKind, Process, Processes } from "./processes.ts";

/** The services of writers; the kit writes each change through, so that it outlives a power cut. */
export class MachineWriterServices {
  readonly #processes: Processes;
  readonly documents = new Map<string, string>();
  readonly running = new Set<string>();
  /** Hears of each service that a process removes. */
  onRemove: (document: string) => void = () => {};

  constructor(processes: Processes) {
    this.#processes = processes;
  }

  /** Windows starts automatic services. */
  boot(): void {
    this.running.clear();
    for (const writerId of this.documents.keys()) this.running.add(writerId);
  }

  stateOf(writerId: string): ServiceState | undefined {
    if (!this.documents.has(writerId)) return undefined;
    return this.running.has(writerId) ? "RUNNING" : "STOPPED";
  }

  of(process: Process): WriterServices {
    return {
      read: (writerId) =>
        this.#processes.now(process, "writerService.read", "", (fault) => {
          if (fault === "error") throw new WsbError("ERR_WSB_WINDOWS_API", "Cannot read the key.");
          return this.documents.get(writerId) ?? null;
        }),
      install: (writerId, document) =>
        this.#change(process, "writerService.install", () => {
          if (this.documents.has(writerId)) {
            throw new WsbError("ERR_WSB_WINDOWS_API", "There is a service of that name.");
          }
          this.documents.set(writerId, document);
        }),
      start: async (writerId) => {
        if (this.running.has(writerId)) return false;
        await this.#change(process, "writerService.start", () => {
          if (!this.documents.has(writerId)) {
            throw new WsbError("ERR_WSB_WINDOWS_API", "There is no service of that name.");
          }
          this.running.add(writerId);
        });
        return true;
      },
      remove: async (writerId) => {
        const before = this.documents.get(writerId);
        if (before === undefined) return;
        await this.#change(process, "writerService.stop", () => void this.running.delete(writerId));
        await this.#change(process, "writerService.delete", () => {
          const document = this.documents.get(writerId);
          if (document === undefined) return;
          if (document !== before) {
            throw new WsbError("ERR_WSB_CONFLICT", "Another program has changed the service.");
          }
          this.onRemove(document);
          this.documents.delete(writerId);
        });
      },
    };
  }

  #change(process: Process, effect: EffectKind, perform: () => void): Promise<void> {
    return this.#processes.later(process, effect, "", (fault, isAfter) => {
      // A failure that is told late does not take back what the service manager has done.
      if (fault !== "error" || isAfter) perform();
      if (fault === "error") {
        throw new WsbError("ERR_WSB_WINDOWS_API", "The service manager does not answer.");
      }
    });
  }
}
