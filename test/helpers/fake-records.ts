import { WsbError } from "../../src/base/errors.ts";
import {
  formatRecord,
  parseRecord,
  type RecordStore,
  type RegistrationRecord,
} from "../../src/tools/registration/record.ts";

/** Records in memory, kept as the text of their files. */
export class FakeRecords implements RecordStore {
  readonly texts: Map<string, string> = new Map();
  /** Called before each change; what it throws is what the change fails with. */
  fault: (change: "write" | "remove") => void = () => {};

  read(writerId: string): RegistrationRecord | undefined {
    const text = this.texts.get(writerId);
    if (text === undefined) return undefined;
    const record = parseRecord(text);
    if (record === undefined) throw new WsbError("ERR_WSB_CONFLICT", "cannot be read");
    return record;
  }

  write(writerId: string, record: RegistrationRecord): void {
    this.fault("write");
    this.texts.set(writerId, formatRecord(record));
  }

  remove(writerId: string): void {
    this.fault("remove");
    this.texts.delete(writerId);
  }
}
