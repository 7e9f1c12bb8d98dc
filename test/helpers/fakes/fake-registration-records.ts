import { WsbError } from "../../../src/base/errors.ts";
import {
  encodeRegistrationRecord,
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
    const record = parseRegistrationRecord(jsonOf(text), writerId);
    if (record === undefined) throw new WsbError("ERR_WSB_CONFLICT", "cannot be read");
    return record;
  }

  write(writerId: string, record: RegistrationRecord): void {
    this.fault("write");
    this.texts.set(writerId, JSON.stringify(encodeRegistrationRecord(record)));
  }

  remove(writerId: string): void {
    this.fault("remove");
    this.texts.delete(writerId);
  }

  setAside(writerId: string): string | undefined {
    return this.texts.delete(writerId) ? `${writerId}.damaged` : undefined;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
