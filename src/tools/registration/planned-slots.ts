/** What a plan can name: nothing else is ever written or deleted because a record says so. */
import { APPLICATION_SUPPORT, writerKey } from "./keys.ts";
import type { Slot } from "./step.ts";

const GUID = String.raw`\{[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\}`;

/** The keys of a class, its application and its event source, each with the values of a plan. */
const keys: readonly (readonly [key: RegExp, names: readonly string[]])[] = [
  [new RegExp(String.raw`^SOFTWARE\\Classes\\CLSID\\${GUID}$`, "iu"), ["", "AppID"]],
  [
    new RegExp(String.raw`^SOFTWARE\\Classes\\CLSID\\${GUID}\\LocalServer32$`, "iu"),
    ["", "ServerExecutable"],
  ],
  [
    new RegExp(String.raw`^SOFTWARE\\Classes\\AppID\\${GUID}$`, "iu"),
    ["", "LaunchPermission", "AccessPermission"],
  ],
  [
    /^SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\[^\\]+ \(wsb-addin\)$/iu,
    ["EventMessageFile", "TypesSupported"],
  ],
];

const writerNames = ["Application Identifier", "CLSID"];

function same(one: string, other: string): boolean {
  return one.toUpperCase() === other.toUpperCase();
}

/** Tells whether a registration of this writer could have written a value. */
export function isPlannedValue({ key, name }: Slot, writerId: string): boolean {
  const names = same(key, writerKey(writerId))
    ? writerNames
    : (keys.find(([pattern]) => pattern.test(key))?.[1] ?? []);
  return names.some((one) => same(one, name));
}

/** Tells whether a registration of this writer could have created a key. */
export function isPlannedKey(key: string, writerId: string): boolean {
  if (same(key, writerKey(writerId)) || keys.some(([pattern]) => pattern.test(key))) return true;
  // A machine without Windows Server Backup lacks these.
  return (
    same(key, APPLICATION_SUPPORT) ||
    APPLICATION_SUPPORT.toUpperCase().startsWith(`${key.toUpperCase()}\\`) ||
    isParent(key)
  );
}

// Keys that every Windows has, and that a registration creates where somebody removed them.
const parents = [
  "SOFTWARE\\Classes\\CLSID",
  "SOFTWARE\\Classes\\AppID",
  "SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application",
];

function isParent(key: string): boolean {
  const folded = key.toUpperCase();
  return parents.some((one) => same(one, key) || one.toUpperCase().startsWith(`${folded}\\`));
}
