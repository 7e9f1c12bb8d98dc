import type { Manifest } from "../manifest/manifest.ts";
import type { RawRegistryValue } from "../native/binding.ts";
import { appIdKey, classKey, localServerKey, writerKey } from "./keys.ts";
import { REG, encodeString } from "./registry-value.ts";
import { accessPermission, launchPermission } from "./security-descriptor.ts";

/** One registry value of a registration. */
export interface PlanEntry {
  /** Key below HKEY_LOCAL_MACHINE. */
  readonly key: string;
  /** Name of the value, `""` for the key's default value. */
  readonly name: string;
  readonly value: RawRegistryValue;
  readonly why: string;
}

/** Where the files of an installation are, as absolute Windows paths. */
export interface Installation {
  /** What COM starts: node.exe, or an exe with the whole add-in in it. */
  readonly nodeExe: string;
  /** What node.exe runs; absent where `nodeExe` is such an exe. */
  readonly serverScript?: string;
}

/** Command line of the server; every path quoted, so that a space cannot name another program. */
export function serverCommand({ nodeExe, serverScript }: Installation): string {
  return serverScript === undefined ? `"${nodeExe}"` : `"${nodeExe}" "${serverScript}"`;
}

function entry(key: string, name: string, text: string, why: string): PlanEntry {
  return { key, name, value: encodeString(text), why };
}

function binary(key: string, name: string, data: Uint8Array, why: string): PlanEntry {
  return { key, name, value: { type: REG.BINARY, data }, why };
}

/**
 * Lists what a registration consists of, in the order to write it; removing goes the other way.
 *
 * The COM class comes first and the writer's CLSID value last, so that Windows Server Backup never
 * sees a class that cannot be activated, wherever a crash falls.
 */
export function planRegistration(
  manifest: Manifest,
  installation: Installation,
): readonly PlanEntry[] {
  const { addin, writerId } = manifest;
  const application = [
    entry(
      writerKey(writerId),
      "Application Identifier",
      manifest.applicationIdentifier,
      "what the recovery wizard and wbadmin show",
    ),
  ];
  if (addin === undefined) return application;
  const { appId, clsid } = addin;
  const { allow } = manifest.security;
  return [
    entry(appIdKey(appId), "", manifest.name, "name of the COM application"),
    // Before any class refers to the application: it is never startable by everybody.
    binary(appIdKey(appId), "LaunchPermission", launchPermission(allow), "who may start it"),
    binary(appIdKey(appId), "AccessPermission", accessPermission(allow), "who may call it"),
    entry(classKey(clsid), "", manifest.name, "name of the COM class"),
    entry(classKey(clsid), "AppID", appId, "ties the class to its COM application"),
    entry(localServerKey(clsid), "", serverCommand(installation), "what COM starts, quoted"),
    entry(
      localServerKey(clsid),
      "ServerExecutable",
      installation.nodeExe,
      "the program itself, free of any ambiguity",
    ),
    ...application,
    entry(writerKey(writerId), "CLSID", clsid, "the add-in Windows Server Backup activates"),
  ];
}
