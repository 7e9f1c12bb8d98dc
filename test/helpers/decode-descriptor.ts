/**
 * Decodes security descriptors according to Microsoft's specification ([MS-DTYP] 2.4), without any
 * of the kit's code, and refuses everything else.
 */

export interface DecodedEntry {
  /** `AceType`: 0 allows, 1 denies. */
  readonly type: number;
  readonly flags: number;
  readonly mask: number;
  readonly sid: string;
}

export interface DecodedDescriptor {
  readonly revision: number;
  readonly control: number;
  readonly owner: string;
  readonly group: string;
  readonly entries: readonly DecodedEntry[];
}

function fail(what: string): never {
  throw new Error(`not a security descriptor: ${what}`);
}

/** A reader of a part of the bytes. */
class Cursor {
  readonly #view: DataView;
  #at = 0;

  constructor(view: DataView) {
    this.#view = view;
  }

  #take(size: number): number {
    const at = this.#at;
    if (at + size > this.#view.byteLength) fail(`it ends at ${this.#view.byteLength}`);
    this.#at += size;
    return at;
  }

  u8 = (): number => this.#view.getUint8(this.#take(1));
  u16 = (): number => this.#view.getUint16(this.#take(2), true);
  u32 = (): number => this.#view.getUint32(this.#take(4), true);
  u48BigEndian = (): number => {
    const at = this.#take(6);
    return this.#view.getUint16(at) * 2 ** 32 + this.#view.getUint32(at + 2);
  };
  get read(): number {
    return this.#at;
  }
}

function part(view: DataView, offset: number, size?: number): DataView {
  const end = offset + (size ?? view.byteLength - offset);
  if (offset > view.byteLength || end > view.byteLength) fail(`${offset} to ${end} is outside`);
  return new DataView(view.buffer, view.byteOffset + offset, end - offset);
}

function decodeSid(view: DataView): { readonly sid: string; readonly size: number } {
  const cursor = new Cursor(view);
  if (cursor.u8() !== 1) fail("a SID of another revision");
  const count = cursor.u8();
  if (count > 15) fail("a SID that is too long");
  const numbers = [cursor.u48BigEndian()];
  for (let index = 0; index < count; index += 1) numbers.push(cursor.u32());
  return { sid: `S-1-${numbers.join("-")}`, size: cursor.read };
}

function decodeEntry(view: DataView): { readonly entry: DecodedEntry; readonly size: number } {
  const cursor = new Cursor(view);
  const [type, flags, size] = [cursor.u8(), cursor.u8(), cursor.u16()];
  if (size % 4 !== 0) fail("an entry of odd length");
  const mask = cursor.u32();
  const trustee = decodeSid(part(view, cursor.read, size - cursor.read));
  if (cursor.read + trustee.size !== size) fail("an entry longer than what is in it");
  return { entry: { type, flags, mask, sid: trustee.sid }, size };
}

function decodeAcl(view: DataView): { readonly entries: DecodedEntry[]; readonly size: number } {
  const cursor = new Cursor(view);
  if (cursor.u8() !== 2) fail("an ACL of another revision");
  if (cursor.u8() !== 0) fail("an ACL with a filled gap");
  const [size, count] = [cursor.u16(), cursor.u16()];
  if (cursor.u16() !== 0) fail("an ACL with a filled gap");
  const acl = part(view, 0, size);
  const entries: DecodedEntry[] = [];
  let at = cursor.read;
  for (let index = 0; index < count; index += 1) {
    const { entry, size: entrySize } = decodeEntry(part(acl, at));
    entries.push(entry);
    at += entrySize;
  }
  if (at !== size) fail("an ACL longer than its entries");
  return { entries, size };
}

/** Decodes a self-relative descriptor whose parts fill it without gap or overlap. */
export function decodeDescriptor(bytes: Uint8Array): DecodedDescriptor {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const cursor = new Cursor(view);
  const revision = cursor.u8();
  if (cursor.u8() !== 0) fail("a filled gap");
  const control = cursor.u16();
  const [owner, group, sacl, dacl] = [cursor.u32(), cursor.u32(), cursor.u32(), cursor.u32()];
  if (sacl !== 0) fail("a system list");
  const acl = decodeAcl(part(view, dacl));
  const ownerSid = decodeSid(part(view, owner));
  const groupSid = decodeSid(part(view, group));
  const parts = [
    [dacl, acl.size],
    [owner, ownerSid.size],
    [group, groupSid.size],
  ].toSorted(([a = 0], [b = 0]) => a - b);
  let end = cursor.read;
  for (const [offset = 0, size = 0] of parts) {
    if (offset !== end || offset % 4 !== 0) fail(`a part at ${offset} where ${end} is expected`);
    end = offset + size;
  }
  if (end !== bytes.byteLength) fail(`${bytes.byteLength - end} bytes too many`);
  return { revision, control, owner: ownerSid.sid, group: groupSid.sid, entries: acl.entries };
}
