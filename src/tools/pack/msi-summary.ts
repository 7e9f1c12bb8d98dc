import { findStream } from "./msi-compound-file.ts";

const STREAM = "\u0005SummaryInformation";
const SECTION_OFFSET = 44;
// The property ids and types of the summary information stream. [MS-OLEPS]
const PID_REVNUMBER = 9; // Windows Installer's package code
const TIMES = new Set([12, 13]); // created, last saved
const VT_LPSTR = 30;
const VT_FILETIME = 64;
// 1980-01-01, as in the zip archives, in tenths of microseconds since 1601.
const EARLIEST = 119_600_064_000_000_000n;

function wrong(): Error {
  return new Error("its summary information is missing or in an unusual form");
}

/**
 * Sets the package code of an MSI package and removes its creation times, so that the same input
 * gives the same package.
 *
 * @param packageCode A GUID in canonical form.
 * @throws Error when the file is not an MSI package with summary information.
 */
export function setSummary(msi: Uint8Array, packageCode: string): Uint8Array {
  const file = Buffer.from(msi);
  const pieces = findStream(file, STREAM);
  if (pieces === undefined) throw wrong();
  const stream = Buffer.concat(
    pieces.map(({ offset, length }) => file.subarray(offset, offset + length)),
  );
  const section = stream.readUInt32LE(SECTION_OFFSET);
  const count = stream.readUInt32LE(section + 4);
  const done = new Set<number>();
  for (let index = 0; index < count; index += 1) {
    const id = stream.readUInt32LE(section + 8 + index * 8);
    const value = section + stream.readUInt32LE(section + 12 + index * 8);
    const type = stream.readUInt32LE(value);
    if (id === PID_REVNUMBER && type === VT_LPSTR) {
      if (stream.readUInt32LE(value + 4) !== packageCode.length + 1) throw wrong();
      stream.write(packageCode, value + 8, "latin1");
      done.add(id);
    } else if (TIMES.has(id) && type === VT_FILETIME) {
      stream.writeBigUInt64LE(EARLIEST, value + 4);
      done.add(id);
    }
  }
  if (!done.has(PID_REVNUMBER)) throw wrong();
  let read = 0;
  for (const { offset, length } of pieces) {
    stream.copy(file, offset, read, read + length);
    read += length;
  }
  return file;
}
