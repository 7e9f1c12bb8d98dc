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

/** Where the optional header begins. */
function findOptionalHeader(program: Buffer): number {
  const pe = program.length < PAGE_BYTES ? 0 : program.readUInt32LE(PE_POINTER);
  const isPe = pe > 0 && pe < PAGE_BYTES / 2 && program.readUInt32LE(pe) === PE_MAGIC;
  if (isPe && program.readUInt16LE(pe + OPTIONAL) === PE32_PLUS) return pe + OPTIONAL;
  throw new WsbError(
    "ERR_WSB_LAB",
    "The node.exe for the lab is not a 64-bit Windows program. Make the lab again: wsb-addin lab down, wsb-addin lab up.",
  );
}

/**
 * Returns a Windows program with its sections on page boundaries of the file.
 *
 * Wine maps the sections of such a program, as Windows does. Those of one that is linked as usual,
 * on boundaries of 512 bytes, it copies into every process: 80 MB and half the time of a start for
 * node.exe. The signature, which the new file would not match, is left out.
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
    // One that is zeros alone has nothing in the file.
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
