// IEEE 802.3, reflected; node:zlib has it, and costs every server start the time to load it.
const POLYNOMIAL = 0xedb88320;

function remainder(byte: number): number {
  let rest = byte;
  for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ POLYNOMIAL : rest >>> 1;
  return rest;
}

const table = Int32Array.from({ length: 256 }, (_, byte) => remainder(byte));

/** Returns the CRC-32 of a part of some bytes, unsigned. */
export function crc32(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  let crc = -1;
  for (let at = start; at < end; at += 1) {
    crc = (table[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}
