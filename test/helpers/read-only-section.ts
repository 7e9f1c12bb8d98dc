const CHARACTERISTICS = 36;
// IMAGE_SCN_MEM_WRITE: https://learn.microsoft.com/windows/win32/debug/pe-format#section-flags
const MAY_WRITE = 0x80000000;

/** Returns a Windows program in which `section` is read-only; without that section, an equal one. */
export function makeSectionReadOnly(program: Buffer, section: string): Buffer {
  const changed = Buffer.from(program);
  const header = changed.indexOf(Buffer.from(section.padEnd(8, "\0")));
  if (header < 0) return changed;
  const flags = changed.readUInt32LE(header + CHARACTERISTICS);
  changed.writeUInt32LE((flags & ~MAY_WRITE) >>> 0, header + CHARACTERISTICS);
  return changed;
}
