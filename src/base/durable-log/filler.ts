/** The byte that ends a line and fills the room for later lines. JSON text never contains it. */
export const FILLER = 0x0a;

/** Returns the place of the first byte from `startBytes` on that is no filler, or the end. */
export function skipFiller(bytes: Uint8Array, startBytes: number): number {
  let at = startBytes;
  while (bytes[at] === FILLER) at += 1;
  return at;
}

/** Returns the place after the last byte that is no filler; `startBytes` when all are. */
export function usedEnd(bytes: Uint8Array, startBytes: number, endBytes: number): number {
  let at = endBytes;
  while (at > startBytes && bytes[at - 1] === FILLER) at -= 1;
  return at;
}
