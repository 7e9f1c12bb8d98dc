import { WsbError } from "../../base/errors.ts";

const PAGE_BYTES = 4096;
// Offsets in a PE32+ file: https://learn.microsoft.com/windows/win32/debug/pe-format
const PE_POINTER = 0x3c;
const PE_MAGIC = 0x4550; // "PE\0\0"
const SECTION_COUNT = 6;
const OPTIONAL_SIZE = 20;
const OPTIONAL = 24;
const PE32_PLUS = 0x20b;
const FILE_ALIGNMENT = 36;
const HEADERS_SIZE = 60;
const CERTIFICATES = 144;
const SECTION_BYTES = 40;
const RAW_SIZE = 16;
const RAW_POINTER = 20;

function alignUp(size: number): number {
  return Math.ceil(size / PAGE_BYTES) * PAGE_BYTES;
}

/** Returns the offset of the optional header. */
function findOptionalHeader(program: Buffer): number {
  const pe = program.length < PAGE_BYTES ? 0 : program.readUInt32LE(PE_POINTER);
  const isPe = pe > 0 && pe < PAGE_BYTES / 2 && program.readUInt32LE(pe) === PE_MAGIC;
  if (isPe && program.readUInt16LE(pe + OPTIONAL) === PE32_PLUS) return pe + OPTIONAL;
  throw new WsbError(
    "ERR_WSB_LAB",
    "The lab's node.exe is not a 64-bit Windows program. Make the lab again: wsb-addin lab down, wsb-addin lab up.",
  );
}

/**
 * Returns a Windows program whose sections are aligned to page boundaries in the file.
 *
 * Wine maps aligned sections, like Windows. It copies the usual sections, aligned to 512 bytes,
 * into every process: for node.exe, 80 MB and half the time of a start. The signature is removed
 * because it would not match the new file.
 *
 * @throws {@link WsbError} `ERR_WSB_LAB` when it is not a 64-bit program.
 */
export function alignSections(program: Uint8Array): Uint8Array {
  const source = Buffer.from(program.buffer, program.byteOffset, program.byteLength);
  const optional = findOptionalHeader(source);
  const pe = optional - OPTIONAL;
  const firstSection = optional + source.readUInt16LE(pe + OPTIONAL_SIZE);
  const sections = Array.from(
    { length: source.readUInt16LE(pe + SECTION_COUNT) },
    (_, index) => firstSection + index * SECTION_BYTES,
  );
  const headers = Buffer.alloc(PAGE_BYTES);
  source.copy(headers, 0, 0, source.readUInt32LE(optional + HEADERS_SIZE));
  headers.writeUInt32LE(PAGE_BYTES, optional + FILE_ALIGNMENT);
  headers.writeUInt32LE(PAGE_BYTES, optional + HEADERS_SIZE);
  headers.fill(0, optional + CERTIFICATES, optional + CERTIFICATES + 8);

  const parts: Uint8Array[] = [headers];
  let end = PAGE_BYTES;
  for (const section of sections) {
    const size = source.readUInt32LE(section + RAW_SIZE);
    // A section of only zeros has no data in the file.
    if (size === 0) continue;
    const from = source.readUInt32LE(section + RAW_POINTER);
    const content = source.subarray(from, from + size);
    const aligned = alignUp(size);
    headers.writeUInt32LE(aligned, section + RAW_SIZE);
    headers.writeUInt32LE(end, section + RAW_POINTER);
    parts.push(content, Buffer.alloc(aligned - content.length));
    end += aligned;
  }
  return Buffer.concat(parts, end);
}
