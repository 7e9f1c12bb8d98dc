import { expect } from "vitest";

import { encodeString } from "../../src/tools/registration/registry-value.ts";

/** A value in a Registry Editor file. */
export interface RegValue {
  /** The key below HKEY_LOCAL_MACHINE. */
  readonly key: string;
  readonly name: string;
  readonly type: number;
  readonly hex: string;
}

/** The content of a Registry Editor file. */
export interface RegFile {
  readonly keys: readonly string[];
  readonly values: readonly RegValue[];
}

function unquote(text: string): string {
  return text.slice(1, -1).replaceAll(/\\(.)/gsu, "$1");
}

function parseData(text: string): Pick<RegValue, "type" | "hex"> {
  if (text.startsWith('"')) {
    const { type, data } = encodeString(unquote(text));
    return { type, hex: Buffer.from(data).toString("hex") };
  }
  const [, dword] = /^dword:([0-9a-f]{8})$/u.exec(text) ?? [];
  if (dword !== undefined) {
    return { type: 4, hex: Buffer.from(dword, "hex").swap32().toString("hex") };
  }
  const [, type = "3", bytes = ""] = /^hex(?:\(([0-9a-f]+)\))?:((?:[0-9a-f]{2},?)*)$/u.exec(
    text,
  ) ?? [undefined, "-1"];
  return { type: Number.parseInt(type, 16), hex: bytes.replaceAll(",", "") };
}

/** Reads a Registry Editor file without the kit's code. */
export function parseReg(content: Uint8Array): RegFile {
  const text = Buffer.from(content).toString("utf16le");
  const lines = text.replaceAll(/\\\r\n {2}/gu, "").split("\r\n");
  expect(lines[0]).toBe("\uFEFFWindows Registry Editor Version 5.00");
  const keys: string[] = [];
  const values: RegValue[] = [];
  for (const line of lines.slice(1)) {
    const [, key] = /^\[HKEY_LOCAL_MACHINE\\(.*)\]$/su.exec(line) ?? [];
    if (key !== undefined) keys.push(key);
    const [, name, data] = /^(@|"(?:[^"\\]|\\.)*")=(.*)$/su.exec(line) ?? [];
    if (name === undefined || data === undefined) continue;
    const slot = { key: keys.at(-1) ?? "", name: name === "@" ? "" : unquote(name) };
    values.push({ ...slot, ...parseData(data) });
  }
  return { keys, values };
}
