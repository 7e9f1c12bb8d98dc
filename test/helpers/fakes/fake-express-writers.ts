import { WsbError } from "../../../src/base/errors.ts";
import type { NativeExpressWriter } from "../../../src/runtime/native/binding.ts";
import type { ExpressWriters } from "../../../src/tools/writer/express-writers.ts";
import { documentOf } from "../express-document.ts";

/** A change of Windows' store of express writers. */
export type ExpressChange = "register" | "registerDocument" | "unregister";

/** Windows' store of express writers in memory. */
export class FakeExpressWriters implements ExpressWriters {
  readonly documents: Map<string, string> = new Map();
  /** Called before each change; its error fails the change. */
  fault: (change: ExpressChange) => void = () => {};

  read(writerId: string): string | null {
    return this.documents.get(writerId) ?? null;
  }

  async register(writer: NativeExpressWriter): Promise<void> {
    this.#add("register", writer.writerId, documentOf(writer));
  }

  async registerDocument(writerId: string, document: string): Promise<void> {
    this.#add("registerDocument", writerId, document);
  }

  async unregister(writerId: string): Promise<void> {
    if (!this.documents.has(writerId)) return;
    this.fault("unregister");
    this.documents.delete(writerId);
  }

  #add(change: ExpressChange, writerId: string, document: string): void {
    this.fault(change);
    if (this.documents.has(writerId)) {
      throw new WsbError("ERR_WSB_CONFLICT", `There is a writer ${writerId}.`);
    }
    this.documents.set(writerId, document);
  }
}
