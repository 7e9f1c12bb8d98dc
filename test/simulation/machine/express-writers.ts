import { WsbError } from "../../../src/base/errors.ts";
import type { ExpressWriters } from "../../../src/tools/writer/express-writers.ts";
import { documentOf } from "../../helpers/express-document.ts";
import type { EffectKind, Process, Processes } from "./processes.ts";

/** Windows' store of express writers; VSS writes it through, so that it outlives a power cut. */
export class MachineExpressWriters {
  readonly #processes: Processes;
  readonly documents = new Map<string, string>();
  /** Whether VSS can be called. Without it, its files can still be read. */
  isRunning = true;
  /** Hears of each document that a process removes. */
  onRemove: (by: Process, document: string) => void = () => {};

  constructor(processes: Processes) {
    this.#processes = processes;
  }

  /**
   * VSS has no call that removes only a document that is known. What another program registers
   * between a process' look and its call counts as registered after it: no code could tell.
   */
  of(process: Process): ExpressWriters {
    let seen: string | null = null;
    const add = (writerId: string, document: string): Promise<void> =>
      this.#change(process, "vss.register", () => {
        if (this.documents.has(writerId)) {
          throw new WsbError("ERR_WSB_CONFLICT", "There is an express writer of that id.");
        }
        this.documents.set(writerId, document);
      });
    return {
      read: (writerId) =>
        this.#processes.now(process, "vss.read", "", (fault) => {
          if (fault === "error") throw new WsbError("ERR_WSB_FILE", "Cannot read the store.");
          seen = this.documents.get(writerId) ?? null;
          return seen;
        }),
      register: (writer) => add(writer.writerId, documentOf(writer)),
      registerDocument: add,
      unregister: (writerId) =>
        this.#change(process, "vss.unregister", () => {
          const document = this.documents.get(writerId);
          if (document === undefined || document !== seen) return;
          this.onRemove(process, document);
          this.documents.delete(writerId);
        }),
    };
  }

  #change(process: Process, effect: EffectKind, perform: () => void): Promise<void> {
    return this.#processes.later(process, effect, "", (fault, isAfter) => {
      const fails = fault === "error" || !this.isRunning;
      // A failure that is told late does not take back what VSS has done.
      if (!fails || (isAfter && this.isRunning)) perform();
      if (fails) throw new WsbError("ERR_WSB_WINDOWS_API", "VSS does not answer.");
    });
  }
}
