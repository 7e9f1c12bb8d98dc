import { WsbError } from "../../../src/base/errors.ts";
import {
  formatRegistrationRecord,
  parseRegistrationRecord,
  type RegistrationRecords,
  type RegistrationRecord,
} from "../../../src/tools/registration/registration-record.ts";

/** Registration records in memory, stored as the text of their files. */
export class FakeRegistrationRecords implements RegistrationRecords {
  readonly texts: Map<string, string> = new Map();
  /** Called before each change; its error fails the change. */
  fault: (change: "write" | "remove") => void = () => {};

  read(writerId: string): RegistrationRecord | undefined {
    const text = this.texts.get(writerId);
    if (text === undefined) return undefined;
    const record = parseRegistrationRecord(text);
    if (record === undefined) throw new WsbError("ERR_WSB_CONFLICT", "cannot be read");
    return record;
  }

  write(writerId: string, record: RegistrationRecord): void {
    this.fault("write");
    this.texts.set(writerId, formatRegistrationRecord(record));
  }

  remove(writerId: string): void {
    this.fault("remove");
    this.texts.delete(writerId);
  }
}
