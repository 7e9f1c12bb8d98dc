import { SERVER_FILE, WRITER_FILE, type Manifest } from "../../runtime/manifest/manifest.ts";
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

/** Absolute Windows paths of an installation. */
export interface Installation {
  /** The program that Windows starts: node.exe, or an exe that contains the add-in. */
  readonly nodeExe: string;
  /**
   * The script of node.exe, ending with {@link SERVER_FILE}; absent for an exe. The shim is in the
   * same folder.
   */
  readonly serverScript?: string;
  /**
   * The script of the writer's service, ending with {@link WRITER_FILE}, in the same folder; absent
   * for a writer of another kind.
   */
  readonly writerScript?: string;
}

/** Returns the command line of the server, with quoted paths, so that a space cannot start another program. */
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

/** Returns the file with the texts of the events. */
function messageFile({ nodeExe, serverScript, writerScript }: Installation): string {
  if (serverScript !== undefined) {
    return `${serverScript.slice(0, -SERVER_FILE.length)}${SHIM_FILE}`;
  }
  if (writerScript === undefined) return nodeExe;
  return `${writerScript.slice(0, -WRITER_FILE.length)}${SHIM_FILE}`;
}

/** Returns the values of the event source; without it, Event Viewer shows no texts. */
function planSource(manifest: Manifest, installation: Installation): readonly PlanEntry[] {
  const key = eventSourceKey(eventSource(manifest));
  // REG_SZ, not REG_EXPAND_SZ, so that Windows does not expand a percent sign in the path.
  const file = messageFile(installation);
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
 * Returns the values of a registration in the order of writing; removal uses the reverse order.
 *
 * The event source comes first, so that the server can report events, then the COM class. The
 * writer's CLSID value comes last, so that Windows Server Backup never sees a class that cannot be
 * activated, even after a crash.
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
      "name in the recovery wizard and wbadmin",
    ),
  ];
  if (addin === undefined) {
    const isService = manifest.writer.kind === "service";
    return [...(isService ? planSource(manifest, installation) : []), ...application];
  }
  const { appId, clsid } = addin;
  const { allow } = manifest.security;
  return [
    ...planSource(manifest, installation),
    entry(appIdKey(appId), "", manifest.name, "name of the COM application"),
    // Before a class refers to the application, so that it never has the default permissions.
    binary(
      appIdKey(appId),
      "LaunchPermission",
      launchPermission(allow),
      "accounts that can start it",
    ),
    binary(
      appIdKey(appId),
      "AccessPermission",
      accessPermission(allow),
      "accounts that can call it",
    ),
    entry(classKey(clsid), "", manifest.name, "name of the COM class"),
    entry(classKey(clsid), "AppID", appId, "ties the class to its COM application"),
    entry(localServerKey(clsid), "", serverCommand(installation), "command line that COM starts"),
    entry(
      localServerKey(clsid),
      "ServerExecutable",
      installation.nodeExe,
      "path of the program, without ambiguity",
    ),
    ...application,
    entry(writerKey(writerId), "CLSID", clsid, "class that Windows Server Backup activates"),
  ];
}
