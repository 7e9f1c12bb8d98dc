import type { WriterServices } from "../../../src/tools/registration/writer-service.ts";

/** A change of a writer's service. */
export type ServiceChange = "install" | "start" | "remove";

/** The services of writers in memory. */
export class FakeWriterServices implements WriterServices {
  readonly documents: Map<string, string> = new Map();
  readonly running: Set<string> = new Set();
  /** Called before each change; its error fails the change. */
  fault: (change: ServiceChange) => void = () => {};

  readonly read = (writerId: string): string | null => this.documents.get(writerId) ?? null;

  readonly install = async (writerId: string, document: string): Promise<void> => {
    this.fault("install");
    if (this.documents.has(writerId)) throw new Error(`There is a service of ${writerId}.`);
    this.documents.set(writerId, document);
  };

  readonly start = async (writerId: string): Promise<boolean> => {
    if (this.running.has(writerId)) return false;
    this.fault("start");
    if (!this.documents.has(writerId)) throw new Error(`There is no service of ${writerId}.`);
    this.running.add(writerId);
    return true;
  };

  readonly remove = async (writerId: string): Promise<void> => {
    if (!this.documents.has(writerId)) return;
    // As Windows: stopped first, whatever becomes of the removal.
    this.running.delete(writerId);
    this.fault("remove");
    this.documents.delete(writerId);
  };
}
