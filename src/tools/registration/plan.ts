import { SERVER_FILE, type Manifest } from "../../runtime/manifest/manifest.ts";
import { SHIM_FILE, type RawRegistryValue } from "../../runtime/native/binding.ts";
import { eventSource } from "../../runtime/events/event-source.ts";
import { appIdKey, classKey, eventSourceKey, localServerKey, writerKey } from "./keys.ts";
import { REG, encodeNumber, encodeString } from "./registry-value.ts";
import { accessPermission, launchPermission } from "../../runtime/manifest/security-descriptor.ts";

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
  /**
   * What node.exe runs, ending with {@link SERVER_FILE}; absent where `nodeExe` is such an exe. The
   * shim lies beside it.
   */
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

// EVENTLOG_ERROR_TYPE, EVENTLOG_WARNING_TYPE and EVENTLOG_INFORMATION_TYPE (winnt.h)
const EVENT_TYPES = 1 | 2 | 4;

/** The add-in's source in the Windows event log; without it Event Viewer finds no texts. */
function planSource(manifest: Manifest, installation: Installation): readonly PlanEntry[] {
  const { nodeExe, serverScript } = installation;
  const key = eventSourceKey(eventSource(manifest));
  // REG_SZ, and not REG_EXPAND_SZ: a percent sign in the path stands for itself.
  const file =
    serverScript === undefined
      ? nodeExe
      : `${serverScript.slice(0, -SERVER_FILE.length)}${SHIM_FILE}`;
  return [
    entry(key, "EventMessageFile", file, "texts of the add-in's events in the event log"),
    {
      key,
      name: "TypesSupported",
      value: encodeNumber(EVENT_TYPES),
      why: "errors, warnings and information",
    },
  ];
}

/**
 * Lists what a registration consists of, in the order to write it; removing goes the other way.
 *
 * The event source comes first, so that whatever COM starts can report; then the COM class, and the
 * writer's CLSID value last, so that Windows Server Backup never sees a class that cannot be
 * activated, wherever a crash falls.
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
    ...planSource(manifest, installation),
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
