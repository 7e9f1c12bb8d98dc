// The files of Contoso Ledger: a signature, the SHA-256 of all entries, the entries.
import { createHash } from "node:crypto";

const SIGNATURE = Buffer.from("CLEDGER1");
const HASH_BYTES = 32;
export const HEADER_BYTES = SIGNATURE.length + HASH_BYTES;

function headerOf(hash) {
  return Buffer.concat([SIGNATURE, hash]);
}

/** Returns an entry as a line. */
export function entry(year, index) {
  return `${year}-${String(index).padStart(8, "0")};4711;${(index * 37) % 9973}\n`;
}

/** Returns a ledger file of a year with so many entries. */
export function ledgerOf(year, count) {
  const lines = Array.from({ length: count }, (_, index) => entry(year, index));
  return ledgerFile(Buffer.from(lines.join("")));
}

/** Returns a ledger file with these entries. */
export function ledgerFile(entries) {
  return Buffer.concat([headerOf(createHash("sha256").update(entries).digest()), entries]);
}

/** Counts the entries of a ledger file. */
export function countEntries(file) {
  let count = 0;
  for (let at = file.indexOf(10, HEADER_BYTES); at !== -1; at = file.indexOf(10, at + 1))
    count += 1;
  return count;
}

/** Returns the SHA-256 of a file's content, in hexadecimal digits. */
export function hashOf(content) {
  return createHash("sha256").update(content).digest("hex");
}
