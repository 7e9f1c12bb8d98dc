import type { RawRegistryValue } from "../../runtime/native/binding.ts";
import type { PlanEntry } from "../registration/plan.ts";
import { readData, TYPE } from "./data.ts";
import { withoutWriter } from "./without-writer.ts";
import type { ExportFormat } from "./format.ts";
import { ownKeys } from "./own-keys.ts";
import { CANNOT_REFUSE } from "./session-marks.ts";

const HEADER = "Windows Registry Editor Version 5.00";
// regedit.exe breaks a line of bytes before column 80.
const LINE_WIDTH = 79;
const BYTE_WIDTH = "00,".length;
const INDENT = "  ";

function rootKey(key: string): string {
  return `HKEY_LOCAL_MACHINE\\${key}`;
}

function quote(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

function valueName(name: string): string {
  return name === "" ? "@" : quote(name);
}

/** Formats bytes after `prefix`, folded into lines. */
function foldBytes(prefix: string, data: Uint8Array): string {
  const lines: string[] = [];
  let line = prefix;
  for (const [index, byte] of data.entries()) {
    const digits = byte.toString(16).padStart(2, "0");
    const isLast = index === data.length - 1;
    // Leaves room for this byte, its comma and the backslash.
    if (line.length + BYTE_WIDTH + 1 > LINE_WIDTH && line !== INDENT) {
      lines.push(`${line}\\`);
      line = INDENT;
    }
    line += isLast ? digits : `${digits},`;
  }
  return [...lines, line].join("\r\n");
}

// A line break would end the entry, so such text is written as bytes.
// oxlint-disable-next-line no-control-regex -- it searches for control characters
const BREAKS_LINE = /[\u0000-\u001F]/u;

function writeValue(name: string, value: RawRegistryValue): string {
  const data = readData(value);
  const start = `${valueName(name)}=`;
  if (data?.kind === "text" && !BREAKS_LINE.test(data.text)) return start + quote(data.text);
  if (data?.kind === "number") return `${start}dword:${data.number.toString(16).padStart(8, "0")}`;
  const type = value.type === TYPE.BINARY ? "hex:" : `hex(${value.type.toString(16)}):`;
  return foldBytes(start + type, value.data);
}

function encode(
  sections: readonly (readonly string[])[],
  notice: readonly string[] = [],
): Uint8Array {
  const comment = [...CANNOT_REFUSE, ...notice].map((line) => `; ${line}`);
  const text = [[HEADER], comment, ...sections]
    .map((lines) => `${lines.join("\r\n")}\r\n`)
    .join("\r\n");
  return Buffer.from(`\uFEFF${text}`, "utf16le");
}

/** Groups consecutive entries of the same key, in the plan's order. */
function byKey(plan: readonly PlanEntry[]): readonly (readonly [string, readonly PlanEntry[]])[] {
  const sections: [string, PlanEntry[]][] = [];
  for (const entry of plan) {
    const last = sections.at(-1);
    if (last?.[0] === entry.key) last[1].push(entry);
    else sections.push([entry.key, [entry]]);
  }
  return sections;
}

/**
 * Returns a file for regedit.exe and `reg import` that writes a plan.
 *
 * @param notice What the file says besides, in lines.
 */
export function writeReg(plan: readonly PlanEntry[], notice: readonly string[] = []): Uint8Array {
  return encode(
    byKey(plan).map(([key, entries]) =>
      [`[${rootKey(key)}]`].concat(entries.map(({ name, value }) => writeValue(name, value))),
    ),
    notice,
  );
}

/** The format of Registry Editor files: one that registers, one that removes. */
export const reg: ExportFormat = {
  summary: "Registry Editor file, and one that removes",
  undoHint: "",
  write: (plan, { fileName, manifest }) => [
    {
      fileName: `${fileName}.reg`,
      role: "main",
      content: writeReg(plan, withoutWriter(manifest)),
    },
    {
      fileName: `${fileName}-unregister.reg`,
      role: "undo",
      content: encode(
        [
          ...byKey(plan.toReversed()).map(([key, entries]) =>
            [`[${rootKey(key)}]`].concat(entries.map(({ name }) => `${valueName(name)}=-`)),
          ),
          ownKeys(plan, manifest).map((key) => `[-${rootKey(key)}]`),
        ],
        withoutWriter(manifest),
      ),
    },
  ],
};
