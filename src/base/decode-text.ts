import { WsbError, type WsbErrorCode } from "./errors.ts";

/** Where a text comes from, for messages. */
export interface TextSource {
  /** The file's path. */
  readonly file: string;
  readonly code: WsbErrorCode;
}

const decoder = new TextDecoder("utf-8", { fatal: true });

// A JSON text begins with an ASCII character, so a zero is the other half of one in UTF-16.
function isUtf16([first, second]: Uint8Array): boolean {
  const hasMark = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return hasMark || (second !== undefined && (first === 0) !== (second === 0));
}

/**
 * Decodes a JSON file in UTF-8, with or without a byte order mark.
 *
 * @throws {@link WsbError} with the code of the source for UTF-16 and for bytes that are not UTF-8.
 */
export function decodeText(bytes: Uint8Array, { file, code }: TextSource): string {
  if (isUtf16(bytes)) throw new WsbError(code, `${file} is in UTF-16. Save it as UTF-8.`);
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new WsbError(code, `${file} has bytes that are not UTF-8. Save it as UTF-8.`, { cause });
  }
}
