import { windowsError } from "../../base/errors.ts";
import { parseGuid } from "../../base/guid.ts";
import type { NativeBinding } from "../../runtime/native/binding.ts";
import { showKey } from "../registration/keys.ts";
import { decodeString } from "../registration/registry-value.ts";

/**
 * Keys of the Microsoft Management Console with the registered providers. This module only reads them;
 * only the functions of WsbOnline.dll write them.
 *
 * @see https://learn.microsoft.com/previous-versions/windows/desktop/wsb/windows-server-backup-cloud-backup-provider-api-registry-keys
 */
const MMC = "SOFTWARE\\Microsoft\\MMC";
const SNAP_INS = `${MMC}\\SnapIns`;
const NODE_TYPES = "NodeTypes";

/** The part of the shim that reads the registry. */
export type RegistryReader = Pick<NativeBinding, "readRegistryKey" | "readRegistryValue">;

/** A snap-in of this machine. */
export interface SnapIn {
  readonly id: string;
  /** The name in its key, if there is one. */
  readonly name?: string;
}

interface RegisteredSnapIn extends SnapIn {
  readonly key: string;
  readonly nodeTypes: readonly string[];
}

/** A node type and the snap-ins that extend its namespace. */
export interface ExtensionPoint {
  /** `…\{node type}\Extensions\NameSpace` */
  readonly key: string;
  readonly nodeType: string;
  /** Ids of the extensions. */
  readonly extensions: readonly string[];
  /** Snap-ins that list the node type. */
  readonly parents: readonly SnapIn[];
  /** Whether it seems to belong to Windows Server Backup. */
  readonly isServerBackup: boolean;
}

/** The contents of the console's keys. */
export interface Console {
  readonly snapIns: readonly RegisteredSnapIn[];
  readonly extensionPoints: readonly ExtensionPoint[];
}

type Key = NonNullable<ReturnType<NativeBinding["readRegistryKey"]>>;

const NO_KEY: Key = { values: [], subkeys: [] };

function read<T>(key: string, reading: () => T): T {
  try {
    return reading();
  } catch (error) {
    throw windowsError(
      `Cannot read ${showKey(key)}`,
      "Check the key's permissions with regedit.",
      error,
    );
  }
}

function readKey(api: RegistryReader, key: string): Key {
  return read(key, () => api.readRegistryKey(key)) ?? NO_KEY;
}

/** A snap-in written in .NET has `FX:` before its id. */
function parseId(name: string): string | undefined {
  return parseGuid(name.replace(/^FX:/iu, ""));
}

/** Returns the ids in a key; the console's reference has them as values and as subkeys. */
function idsIn(api: RegistryReader, key: string): readonly string[] {
  const { values, subkeys } = readKey(api, key);
  return [...values, ...subkeys].map(parseId).filter((id) => id !== undefined);
}

function nameOf(api: RegistryReader, key: string): string | undefined {
  const names = ["NameString", "NameStringIndirect"].map((name) =>
    decodeString(read(key, () => api.readRegistryValue(key, name))),
  );
  return names.find((name) => name !== undefined && name !== "");
}

function describeSnapIn(id: string, name: string | undefined): SnapIn {
  return name === undefined ? { id } : { id, name };
}

function readSnapIns(api: RegistryReader): readonly RegisteredSnapIn[] {
  return readKey(api, SNAP_INS).subkeys.flatMap((subkey) => {
    const id = parseId(subkey);
    const key = `${SNAP_INS}\\${subkey}`;
    if (id === undefined) return [];
    const nodeTypes = idsIn(api, `${key}\\NodeTypes`);
    return [{ ...describeSnapIn(id, nameOf(api, key)), key, nodeTypes }];
  });
}

function sameName(a: string, b: string): boolean {
  return a.toUpperCase() === b.toUpperCase();
}

function readExtensionPoints(
  api: RegistryReader,
  snapIns: readonly RegisteredSnapIn[],
): readonly ExtensionPoint[] {
  const points: ExtensionPoint[] = [];
  for (const parentNodeType of readKey(api, MMC).subkeys) {
    if (sameName(parentNodeType, "SnapIns")) continue;
    for (const subkey of readKey(api, `${MMC}\\${parentNodeType}`).subkeys) {
      const nodeType = parseGuid(subkey);
      if (nodeType === undefined) continue;
      const key = `${MMC}\\${parentNodeType}\\${subkey}\\Extensions\\NameSpace`;
      const parents = snapIns.filter((snapIn) => snapIn.nodeTypes.includes(nodeType));
      // [gap] No reference names Windows Server Backup's snap-in or its node type. Its name
      // identifies it, or its own <ParentNodeType> key beside the console's NodeTypes.
      const isServerBackup =
        !sameName(parentNodeType, NODE_TYPES) ||
        parents.some(({ name }) => name?.includes("Windows Server Backup"));
      points.push({ key, nodeType, extensions: idsIn(api, key), parents, isServerBackup });
    }
  }
  return points;
}

/**
 * Reads the snap-ins and their extensions from the console's keys.
 *
 * @throws {@link WsbError} `ERR_WSB_WINDOWS_API` or `ERR_WSB_ACCESS_DENIED` for a key that cannot be read.
 */
export function readConsole(api: RegistryReader): Console {
  const snapIns = readSnapIns(api);
  return { snapIns, extensionPoints: readExtensionPoints(api, snapIns) };
}

/** Returns the providers of Windows Server Backup with other ids than `snapinId`. */
export function otherProviders(
  { snapIns, extensionPoints }: Console,
  snapinId: string,
): readonly SnapIn[] {
  const ids = extensionPoints
    .filter(({ isServerBackup }) => isServerBackup)
    .flatMap(({ extensions }) => extensions)
    .filter((id) => id !== snapinId);
  return [...new Set(ids)].map((id) =>
    describeSnapIn(id, snapIns.find((snapIn) => snapIn.id === id)?.name),
  );
}

/** One of the documented keys of a provider. */
export interface CloudKey {
  /** The key, or its documented pattern if it is missing. */
  readonly key: string;
  readonly present: boolean;
  readonly why: string;
}

/** The state of a provider in the registry. */
export interface CloudVerification {
  readonly snapinId: string;
  /** `incomplete`: some of the documented keys exist. */
  readonly state: "registered" | "incomplete" | "absent";
  readonly keys: readonly CloudKey[];
  /** Snap-in that the provider extends, if its key exists. */
  readonly parent?: SnapIn;
}

/** Looks for the documented keys of a provider. */
export function verifyKeys(
  { snapIns, extensionPoints }: Console,
  snapinId: string,
): CloudVerification {
  const snapIn = snapIns.find(({ id }) => id === snapinId);
  const extended = extensionPoints.filter(({ extensions }) => extensions.includes(snapinId));
  // A snap-in can extend other snap-ins too.
  const point = extended.find(({ isServerBackup }) => isServerBackup) ?? extended[0];
  const [parent] = point?.parents ?? [];
  const parentKey = snapIns.find(({ id }) => id === parent?.id)?.key;
  const nodeType = point?.nodeType ?? "{ParentNodeTypeGUID}";
  const keys = [
    {
      key: snapIn?.key ?? `${SNAP_INS}\\${snapinId}`,
      present: snapIn !== undefined,
      why: "the provider's snap-in",
    },
    {
      key: `${point?.key ?? `${MMC}\\<ParentNodeType>\\{ParentNodeTypeGUID}\\Extensions\\NameSpace`}, ${snapinId}`,
      present: point !== undefined,
      why: "adds it to Windows Server Backup's snap-in",
    },
    {
      key: `${parentKey ?? `${SNAP_INS}\\{parentSnapinCLSID}`}\\NodeTypes, ${nodeType}`,
      present: parentKey !== undefined,
      why: "adds the node that it extends to the parent snap-in",
    },
  ].map(({ key, present, why }) => ({ key: showKey(key), present, why }));
  const found = keys.filter(({ present }) => present).length;
  const state = found === keys.length ? "registered" : found === 0 ? "absent" : "incomplete";
  const shown = parent === undefined ? {} : { parent: describeSnapIn(parent.id, parent.name) };
  return { snapinId, state, keys, ...shown };
}
