/** Registry keys below HKEY_LOCAL_MACHINE, in the 64-bit view. */

/** @see https://learn.microsoft.com/windows/win32/wsb/windows-server-backup-api-registry-keys */
export const APPLICATION_SUPPORT: string =
  "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\WindowsServerBackup\\Application Support";

export function writerKey(writerId: string): string {
  return `${APPLICATION_SUPPORT}\\${writerId}`;
}

/** @see https://learn.microsoft.com/windows/win32/com/clsid-key-hklm */
export function classKey(clsid: string): string {
  return `SOFTWARE\\Classes\\CLSID\\${clsid}`;
}

/** @see https://learn.microsoft.com/windows/win32/com/localserver32 */
export function localServerKey(clsid: string): string {
  return `${classKey(clsid)}\\LocalServer32`;
}

/** @see https://learn.microsoft.com/windows/win32/com/appid-key */
export function appIdKey(appId: string): string {
  return `SOFTWARE\\Classes\\AppID\\${appId}`;
}

/**
 * Returns the key of an event source in the log Application.
 *
 * @see https://learn.microsoft.com/windows/win32/eventlog/event-sources
 */
export function eventSourceKey(source: string): string {
  return `SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\${source}`;
}

/** Returns the key in which the service manager keeps a service. */
export function serviceKey(name: string): string {
  return `SYSTEM\\CurrentControlSet\\Services\\${name}`;
}

/** Returns a key in the usual notation. */
export function showKey(path: string): string {
  return `HKLM\\${path}`;
}
