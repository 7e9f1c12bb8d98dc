import { WsbError, errorText } from "../../base/errors.ts";

const marks: readonly (readonly [encoding: string, bytes: readonly number[]])[] = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];

/** Returns the encoding in an ASCII XML declaration. */
function declaredEncoding(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 256)).toString("latin1");
  return /^<\?xml\s[^>]*?\bencoding\s*=\s*["']([\w.-]+)["']/u.exec(head)?.[1];
}

// The first bytes of a cabinet; diskshadow's SET METADATA saves one.
const CABINET = Buffer.from("MSCF", "latin1");

function refuseCabinet(bytes: Uint8Array): void {
  if (!CABINET.equals(bytes.subarray(0, CABINET.length))) return;
  throw new WsbError(
    "ERR_WSB_METADATA",
    "This is a cabinet, as diskshadow saves it, and not a writer metadata document. The cabinet has one document for each writer. Take them out with expand.exe <cabinet> -F:WM*.xml <folder> (on Linux: cabextract -F 'WM*.xml' <cabinet>), and use the one whose IDENTIFICATION has your writer's id.",
  );
}

function encodingOf(bytes: Uint8Array): string {
  const mark = marks.find(([, start]) => start.every((byte, index) => bytes[index] === byte));
  if (mark !== undefined) return mark[0];
  // A document begins with an ASCII character, which has a zero byte next to it in UTF-16.
  const [first, second] = bytes;
  if (second === 0 && first !== 0) return "utf-16le";
  if (first === 0 && second !== undefined && second !== 0) return "utf-16be";
  const declared = declaredEncoding(bytes);
  // A declaration that is readable byte by byte is not in UTF-16: the file was converted without
  // updating its declaration.
  return declared === undefined || /^utf-?16/iu.test(declared) ? "utf-8" : declared;
}

/**
 * Decodes a saved writer metadata document by its byte order mark, else as UTF-16 if its first
 * character shows it, else by its declaration, else as UTF-8.
 *
 * @throws {@link WsbError} `ERR_WSB_METADATA` for a cabinet, for bytes that are invalid in the
 * encoding, and for an encoding that Node.js does not know.
 */
export function decodeDocument(bytes: Uint8Array): string {
  refuseCabinet(bytes);
  const encoding = encodingOf(bytes);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    throw new WsbError(
      "ERR_WSB_METADATA",
      `Cannot read the writer metadata document as ${encoding}: ${errorText(error).replace(/\.+$/u, "")}. Save it again as UTF-8.`,
      { cause: error },
    );
  }
}
