/** Finds streams in a compound file, the container format of MSI packages. [MS-CFB] */

/** A range of bytes in the file. */
export interface Piece {
  readonly offset: number;
  readonly length: number;
}

const END = 0xfffffffa; // Numbers from here on are not sectors.
const HEADER_BYTES = 512;
const HEADER_DIFAT = 76;
const ENTRY_BYTES = 128;
const NUMBER_BYTES = 4;

/** Returns the sectors of a chain; ends at a cycle. */
function chain(table: readonly number[], first: number): readonly number[] {
  const sectors: number[] = [];
  for (let next = first; next < END && sectors.length <= table.length; next = table[next] ?? END) {
    sectors.push(next);
  }
  return sectors;
}

function readNumbers(file: Buffer, { offset, length }: Piece): readonly number[] {
  return Array.from({ length: length / NUMBER_BYTES }, (_, index) =>
    file.readUInt32LE(offset + index * NUMBER_BYTES),
  );
}

/** Returns the sectors of the allocation table: the header lists the first, a chain the others. */
function tableSectors(file: Buffer, sector: (index: number) => Piece): readonly number[] {
  const listed = [
    ...readNumbers(file, { offset: HEADER_DIFAT, length: HEADER_BYTES - HEADER_DIFAT }),
  ];
  for (let next = file.readUInt32LE(68); next < END;) {
    const numbers = readNumbers(file, sector(next));
    listed.push(...numbers.slice(0, -1));
    next = numbers.at(-1) ?? END;
  }
  return listed.filter((number) => number < END);
}

/** Returns the ranges of the first `length` bytes of the pieces. */
function clip(pieces: readonly Piece[], length: number): readonly Piece[] {
  const kept: Piece[] = [];
  let left = length;
  for (const piece of pieces) {
    if (left <= 0) break;
    kept.push({ offset: piece.offset, length: Math.min(piece.length, left) });
    left -= piece.length;
  }
  return kept;
}

/**
 * Finds the ranges of a stream in order; `undefined` when no stream has that name.
 *
 * @throws RangeError when the file is not a compound file or is truncated.
 */
export function findStream(file: Buffer, name: string): readonly Piece[] | undefined {
  const sectorBytes = 1 << file.readUInt16LE(30);
  const smallBytes = 1 << file.readUInt16LE(32);
  const sector = (index: number): Piece => ({
    offset: (index + 1) * sectorBytes,
    length: sectorBytes,
  });
  const table = tableSectors(file, sector).flatMap((index) => readNumbers(file, sector(index)));
  const pieces = (first: number): readonly Piece[] => chain(table, first).map(sector);
  const entries = pieces(file.readUInt32LE(48)).flatMap(({ offset }) =>
    Array.from({ length: sectorBytes / ENTRY_BYTES }, (_, index) =>
      file.subarray(offset + index * ENTRY_BYTES, offset + (index + 1) * ENTRY_BYTES),
    ),
  );
  const entry = entries.find(
    (one) => one.toString("utf16le", 0, Math.max(0, one.readUInt16LE(64) - 2)) === name,
  );
  const [root] = entries;
  if (entry === undefined || root === undefined) return undefined;
  const first = entry.readUInt32LE(116);
  const length = entry.readUInt32LE(120);
  if (length >= file.readUInt32LE(56)) return clip(pieces(first), length);
  // Small streams share one stream, which has its own sectors.
  const smallTable = pieces(file.readUInt32LE(60)).flatMap((one) => readNumbers(file, one));
  const perSector = sectorBytes / smallBytes;
  const shared = pieces(root.readUInt32LE(116));
  const small = chain(smallTable, first).map((index): Piece => {
    const { offset = Number.NaN } = shared[Math.floor(index / perSector)] ?? {};
    return { offset: offset + (index % perSector) * smallBytes, length: smallBytes };
  });
  return clip(small, length);
}
