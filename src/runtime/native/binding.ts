import type { Component } from "../../base/component.ts";
import type { ProcessIdentity } from "../../base/process-identity.ts";
import { createRequire } from "node:module";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { WsbError, errorText } from "../../base/errors.ts";
import { packageFile } from "../../base/package-root.ts";
import { isPackedExe, packedFile } from "../../base/packed.ts";
import { placeShim } from "./packed-shim.ts";
import type { NativeServiceHosting } from "./service-host.ts";
import type { NativeVssWriters } from "./vss-writer.ts";

/** The name of a COM method in handlers, manifest and shim. */
export type MethodName =
  | "preRestore"
  | "postRestore"
  | "orderComponents"
  | "isRollForwardSupported"
  | "checkConsistency";

/**
 * A list of components, encoded to cross between shim and JavaScript; see `addin/components.ts`.
 */
export interface PackedComponents {
  /** The name and logical path of each component in turn, each terminated by U+0000. */
  readonly names: string;
  /** The indexes, from 0, of the texts that the caller passed as NULL. */
  readonly nulls: Uint32Array;
}

/** The arguments of PreRestore and PostRestore. */
export interface RestoreArguments extends Component {
  readonly writerMetadata: string | null;
  readonly noRollForward: boolean;
}

/** The arguments of CheckConsistency. */
export interface CheckArguments extends Component {
  readonly writerMetadata: string | null;
  readonly sourceVolumePaths: readonly (string | null)[] | null;
  readonly snapshotVolumePaths: readonly (string | null)[] | null;
}

/** The arguments of each method, copied by the shim; strings are UTF-16 from end to end. */
export interface CallArguments {
  readonly preRestore: RestoreArguments;
  readonly postRestore: RestoreArguments;
  readonly orderComponents: PackedComponents;
  readonly isRollForwardSupported: object;
  readonly checkConsistency: CheckArguments;
}

/** A COM call of one of the methods. */
export type NativeCall<Method extends MethodName = MethodName> = {
  [One in Method]: { readonly method: One } & CallArguments[One];
}[Method];

/**
 * The reason for which a consistency check was aborted: the client called `Abort`, released the
 * check, or its process exited.
 */
export type AbortReason = "aborted" | "released" | "clientExited";

/** An event from the shim, always delivered on the JavaScript thread. */
export type ServerEvent =
  /** A COM call arrived and waits for {@link NativeServer.answer}. */
  | {
      readonly kind: "call";
      readonly id: number;
      readonly call: NativeCall;
      /** The id of the calling process, 0 when unknown; see {@link NativeBinding.processInfo}. */
      readonly clientPid: number;
    }
  /** The call exceeded its limit. Its caller already has `ERROR_TIMEOUT`; an answer is ignored. */
  | { readonly kind: "expired"; readonly id: number }
  /** A consistency check was aborted; its client no longer waits for the result. */
  | { readonly kind: "abort"; readonly id: number; readonly reason: AbortReason }
  /** Nobody held a reference for `lingerMs`. Class objects are suspended; no call will arrive. */
  | { readonly kind: "idle" }
  /** The script was replaced; this process serves a new client all the same, because it is in use. */
  | { readonly kind: "replaced" };

/** The answer to a COM call. The caller gets `description` as COM error information. */
export interface NativeReply {
  /** The HRESULT that the method returns. */
  readonly hresult: number;
  readonly description?: string;
  /**
   * `orderComponents`: the index in the call, from 0, of each component in its order, or `null` for
   * no particular order. The shim answers `E_UNEXPECTED` when it is not a permutation.
   */
  readonly order?: Uint32Array | null;
  readonly rollForwardSupported?: boolean;
  /** `checkConsistency`: a check is running; {@link NativeServer.finishOperation} will end it. */
  readonly startsOperation?: boolean;
}

export interface NativeServerOptions {
  readonly clsid: string;
  /** The interfaces that `QueryInterface` supports. */
  readonly interfaces: { readonly restore: boolean; readonly backup: boolean };
  /**
   * The self-relative security descriptor that says who may call, as in the registry's
   * AccessPermission. It applies to the whole process and cannot be set twice.
   */
  readonly accessDescriptor: Uint8Array;
  /**
   * The program that this process runs: once it was replaced, an unused server becomes idle before it
   * serves a new client, so that COM starts the newer one.
   */
  readonly script: string;
  /** The time between the last release and the `idle` event, in milliseconds. */
  readonly lingerMs: number;
  /** The longest time that a caller waits for each method, in milliseconds. */
  readonly limitsMs: Readonly<Record<MethodName, number>>;
  readonly onEvent: (event: ServerEvent) => void;
}

/** A served COM class. Call its methods only on the JavaScript thread. */
export interface NativeServer {
  /** Answers a call; returns `false` when the caller no longer waits. */
  answer(id: number, reply: NativeReply): boolean;
  /** Ends the consistency check that the call `id` started; `false` when it has already ended. */
  finishOperation(id: number, hresult: number): boolean;
  /** Keeps the server from becoming idle until the matching {@link release}. */
  hold(): void;
  release(): void;
  /** Revokes the class object; waiting and later callers get `RPC_E_DISCONNECTED`. Idempotent. */
  stop(): void;
}

/** The outcome of a COM call for the client, as data and not as an exception. */
export interface CallResult<T = undefined> {
  readonly hresult: number;
  /** The text of the COM error information, or `null` when there was none. */
  readonly description: string | null;
  /** `undefined` when the call failed. */
  readonly value: T | undefined;
}

/** A client's view of a consistency check in another process. */
export interface RemoteOperation {
  /** Polls the check; the value is the check's own HRESULT. */
  queryStatus(): Promise<CallResult<number>>;
  abort(): Promise<CallResult>;
  /** Releases the reference; later calls fail. Idempotent. */
  release(): Promise<void>;
}

/** A client's view of an add-in in another process, for simulator and tests. Calls may overlap. */
export interface RemoteAddin {
  /** Returns the HRESULT of `QueryInterface` for any interface id. */
  queryInterface(iid: string): Promise<number>;
  isRollForwardSupported(): Promise<CallResult<boolean>>;
  orderComponents(
    components: readonly Component[],
  ): Promise<CallResult<readonly Component[] | null>>;
  preRestore(args: RestoreArguments): Promise<CallResult>;
  postRestore(args: RestoreArguments): Promise<CallResult>;
  /** The value is `null` when the add-in says that no check is needed. */
  checkConsistency(args: CheckArguments): Promise<CallResult<RemoteOperation | null>>;
  /** Releases the reference; later calls fail. Idempotent. */
  release(): Promise<void>;
}

/** The type number and the bytes of a registry value. */
export interface RawRegistryValue {
  /** `REG_SZ` is 1, `REG_BINARY` 3, `REG_DWORD` 4 … (winnt.h). */
  readonly type: number;
  readonly data: Uint8Array;
}

/** The state of a service (winsvc.h, `SERVICE_STATUS_PROCESS.dwCurrentState`). */
export type ServiceState =
  | "STOPPED"
  | "START_PENDING"
  | "STOP_PENDING"
  | "RUNNING"
  | "CONTINUE_PENDING"
  | "PAUSE_PENDING"
  | "PAUSED";

/** The start type of a service (winsvc.h, `QUERY_SERVICE_CONFIGW.dwStartType`). */
export type ServiceStartType = "boot" | "system" | "automatic" | "manual" | "disabled";

export interface ServiceStatus {
  readonly state: ServiceState;
  /** The id of the process that hosts the service, 0 when it does not run. */
  readonly processId: number;
  /** The service's `dwWaitHint`, in milliseconds. */
  readonly waitHintMs: number;
  /** The service's `dwWin32ExitCode`, 0 after an orderly stop. */
  readonly exitCode: number;
}

/** What the service control manager knows of a service. */
export interface ServiceDescription extends ServiceStatus {
  readonly startType: ServiceStartType;
  /** `true` for an automatic service that Windows starts some minutes after the others. */
  readonly delayedStart: boolean;
  /** The path of the service's program; where the command line is ambiguous, one that exists. */
  readonly program: string;
  /** `false` when Windows says that there is no such program. */
  readonly programExists: boolean;
  /** Tells whether this process may start the service. */
  readonly mayStart: boolean;
  /** The services that must run before it, without load order groups. */
  readonly dependsOn: readonly string[];
}

/** The state that a change of a service leads to. */
export type WantedServiceState = "STOPPED" | "RUNNING";

export interface ServiceChangeEnd {
  /**
   * `reached`: the service is in the wanted state. `lost`: it ended where it was asked to start.
   * `timedOut`: the time is over. `cancelled`: nobody waits any longer.
   */
  readonly outcome: "reached" | "lost" | "timedOut" | "cancelled";
  /** The state at the last look; `STOPPED` after `cancelled`, which did not look. */
  readonly state: ServiceState;
  /** The service's `dwWin32ExitCode` at that look. */
  readonly exitCode: number;
}

/** A stop or start of a service. It keeps this process alive like a timer. */
export interface ServiceChange {
  /** Resolves with the end. Rejects when Windows refuses, also for a service that is missing. */
  readonly ended: Promise<ServiceChangeEnd>;
  /**
   * Ends the wait at once, with `cancelled`. What Windows was asked for goes on; what it was not
   * asked for yet does not happen. Idempotent.
   */
  cancel(): void;
}

/** A watch on the start of services. */
export interface ServiceWatch {
  /** Ends the watch; its function is not called afterwards. Idempotent. */
  close(): void;
}

/** A lock that this process holds. */
export interface HeldLock {
  /** Releases the lock. Idempotent. */
  release(): void;
}

/** A file that this process holds, with a record that other processes can read. */
export interface HeldFile extends HeldLock {
  /**
   * Writes a record over the one before, which must have the same length. Does nothing after the
   * release.
   */
  write(record: Uint8Array): void;
}

/** A wait for the exit of a process. It keeps this process alive like a timer. */
export interface ProcessExitWait {
  /** Resolves at the exit, but never after {@link close}. Does not reject. */
  readonly exited: Promise<void>;
  /** Ends the wait. Idempotent. */
  close(): void;
}

export interface NativeProcessOptions {
  /** The full path of the program; there is no search. */
  readonly file: string;
  /** The command line, starting with the program, quoted for CommandLineToArgvW. */
  readonly commandLine: string;
  /** The full path of the working folder. */
  readonly folder: string;
  /** The complete environment as `NAME=value`, each name once. */
  readonly environment: readonly string[];
  /** The bytes that the program can read from its input, before the input ends. */
  readonly input: Uint8Array;
  /** The number of bytes to keep from the end of the output. */
  readonly outputBytes: number;
}

export interface NativeProcessEnd {
  /** `null` when Windows could not kill the program within five seconds: it hangs in a device. */
  readonly exitCode: number | null;
  /** The end of stdout and stderr, in the order of writing. */
  readonly output: string;
}

/**
 * A program and its child processes. They all end when the program ends, and when this process ends
 * for any reason.
 */
export interface NativeProcess {
  readonly pid: number;
  /** Resolves when every process has ended. Keeps this process alive. Does not reject. */
  readonly ended: Promise<NativeProcessEnd>;
  /** Kills every process without waiting. Idempotent. */
  kill(): void;
}

/** A cloud backup provider: the fields of `WSB_OB_REGISTRATION_INFO` (wsbonline.h). */
export interface NativeCloudProvider {
  readonly resourceDll: string;
  readonly snapinId: string;
  readonly nameId: number;
  readonly iconId: number;
  readonly supportsRemoting: boolean;
}

/** A line of a provider's status: the fields of `WSB_OB_STATUS_ENTRY` (wsbonline.h). */
export interface NativeCloudStatusEntry {
  readonly iconId: number;
  readonly nameId: number;
  readonly valueId: number;
  /** `type` is a `WSB_OB_STATUS_ENTRY_PAIR_TYPE`. */
  readonly values: readonly { readonly text: string; readonly type: number }[];
}

/** A set of files of an express writer. */
export interface NativeFileSet {
  readonly path: string;
  readonly filespec: string;
  readonly recursive: boolean;
}

/** A component of an express writer: the arguments of `IVssCreateExpressWriterMetadata`. */
export interface NativeFileGroup {
  readonly logicalPath: string | null;
  readonly name: string;
  readonly caption: string | null;
  readonly selectable: boolean;
  readonly selectableForRestore: boolean;
  readonly files: readonly NativeFileSet[];
  readonly dependencies: readonly {
    readonly writerId: string;
    readonly logicalPath: string | null;
    readonly name: string;
  }[];
}

/** An express writer of user data that takes no part in restores. */
export interface NativeExpressWriter {
  readonly writerId: string;
  readonly name: string;
  /** A `VSS_RESTOREMETHOD_ENUM` (vswriter.h). */
  readonly restoreMethod: number;
  readonly restoreService: string | null;
  readonly rebootRequired: boolean;
  /** A mask of `VSS_BACKUP_SCHEMA` (vss.h). */
  readonly backupSchema: number;
  readonly components: readonly NativeFileGroup[];
  readonly exclude: readonly NativeFileSet[];
}

/** An entry of a file's access control list. */
export interface FileAccessEntry {
  readonly kind: "allow" | "deny";
  readonly sid: string;
  /** The stored access mask; generic rights are not mapped. */
  readonly mask: number;
  /** The inheritance flags, such as `INHERIT_ONLY_ACE` (0x8) (winnt.h). */
  readonly flags: number;
}

export interface FileSecurity {
  /** The SID of the owner, who can always change the list. */
  readonly owner: string;
  /**
   * The entries in the list's order; `null` when there is no list, so that everybody has full
   * access.
   */
  readonly entries: readonly FileAccessEntry[] | null;
}

/** Why something on the disk must not be obeyed. */
export interface Distrust {
  /** SID of the owner; `""` on a disk without owners. */
  readonly owner: string;
  /**
   * `owner`: it belongs to another account; `access`: its list lets another account change it;
   * `link`: it leads elsewhere; `hardLink`: the file has another name; `kind`: a file where a folder
   * must be, or the other way round.
   */
  readonly reason: "owner" | "access" | "link" | "hardLink" | "kind";
  /** SID of the account that may change it; `""` unless the reason is `owner` or `access`. */
  readonly account: string;
}

/** A path that must not be obeyed. */
export interface ForeignPath extends Distrust {
  readonly path: string;
}

/** What stands at a path. */
export interface ProtectedObject {
  readonly isFolder: boolean;
  readonly isReparsePoint: boolean;
  /** SID of the owner; `""` on a disk without owners. */
  readonly owner: string;
  /** `null` when only SYSTEM and Administrators own and may change it. */
  readonly distrust: Distrust | null;
}

/** Folders of this Windows. */
export interface KnownFolders {
  readonly programData: string;
  readonly windows: string;
}

/** The result of `GetDriveTypeW`; `substituted` for a drive letter that SUBST made in a session. */
export type DriveType =
  | "missing"
  | "unknown"
  | "removable"
  | "fixed"
  | "network"
  | "cdrom"
  | "ramdisk"
  | "substituted";

/** The code pages of texts that console programs write to a pipe. */
export interface CodePages {
  /** That of this process's console (`GetConsoleOutputCP`); 0 without a console. */
  readonly console: number;
  /** That of a new console (`GetOEMCP`). */
  readonly oem: number;
}

/** The severity of an event in the Windows event log. */
export type EventType = "information" | "warning" | "error";

/**
 * The functions of Windows that `wsb-addin.node` exports.
 *
 * Registry paths are below HKEY_LOCAL_MACHINE, always in the 64-bit view. Absence is a value. Any
 * other failure throws an Error with `hresult`, `api` and Windows' own text as its message.
 * Functions that can wait return a Promise and do not block the JavaScript thread.
 */
export interface NativeBinding extends NativeServiceHosting, NativeVssWriters {
  startServer(options: NativeServerOptions): NativeServer;
  /** Activates the class in its own process (`CoCreateInstance`, `CLSCTX_LOCAL_SERVER`). */
  activate(clsid: string): Promise<CallResult<RemoteAddin>>;

  /** Tells whether a key exists. The cost does not depend on the key's contents. */
  hasRegistryKey(path: string): boolean;
  /** Returns the names of values and subkeys, or `null` when the key does not exist. */
  readRegistryKey(
    path: string,
  ): { readonly values: readonly string[]; readonly subkeys: readonly string[] } | null;
  /** Reads a value (`""` is the default value); `null` when the key or the value is absent. */
  readRegistryValue(path: string, name: string): RawRegistryValue | null;
  /** Creates a key and its parents; `false` when it already existed. */
  createRegistryKey(path: string): boolean;
  writeRegistryValue(path: string, name: string, type: number, data: Uint8Array): void;
  /** Writes a key to the disk: its values survive a power cut. The key must exist. */
  flushRegistryKey(path: string): void;
  /** Deletes a value; `false` when the key or the value was absent. */
  deleteRegistryValue(path: string, name: string): boolean;
  /** Deletes a key that has no subkeys; `false` when it was absent. */
  deleteRegistryKey(path: string): boolean;

  /** Returns the status of a service; `null` when the service does not exist. */
  queryService(name: string): Promise<ServiceStatus | null>;
  /** Describes a service; `null` when it does not exist. */
  describeService(name: string): Promise<ServiceDescription | null>;
  /**
   * Sets a service's start type, and for `automatic` also whether its start is delayed; another
   * start type leaves the delay as it is. It survives a power cut when this resolves. Rejects with
   * ERROR_SERVICE_DOES_NOT_EXIST when the service is missing.
   */
  setServiceStartType(
    name: string,
    startType: ServiceStartType,
    delayedStart: boolean,
  ): Promise<void>;
  /** Lists every Win32 service with the services it depends on, without load order groups. */
  listServiceDependencies(): Promise<
    readonly { readonly name: string; readonly dependsOn: readonly string[] }[]
  >;
  /**
   * Stops or starts a service and waits until it is STOPPED or RUNNING, woken by Windows. A service
   * that is there already is asked nothing; one that is starting is stopped once it runs, and one
   * that is stopping is started once it has stopped.
   *
   * @param timeoutMs The longest wait. Windows itself may work on the request for another 30 seconds.
   */
  changeService(name: string, wanted: WantedServiceState, timeoutMs: number): ServiceChange;
  /**
   * Calls `onStart` with the name as given each time one of `names` leaves STOPPED, whoever started
   * it, even when it has stopped again by then. Resolves when all are watched. A service that is
   * missing or deleted is not watched. The watch does not keep this process alive.
   */
  watchServices(names: readonly string[], onStart: (name: string) => void): Promise<ServiceWatch>;

  /**
   * Creates a file in an existing folder and locks out other processes, which can only read it;
   * `null` after `timeoutMs`. The release, or the end of the process, deletes the file.
   *
   * @param record The content of the file, written without JavaScript: it is there when the event
   * loop is blocked. A disk that does not take it leaves the file empty and does not fail the lock.
   */
  lockFile(path: string, record: Uint8Array, timeoutMs: number): Promise<HeldFile | null>;
  /** Tells whether the Administrators group is enabled in this process. */
  isElevated(): boolean;
  /**
   * Creates a folder that only SYSTEM and Administrators can access; its parent must exist.
   * Restricts an existing folder to them, but refuses one of another owner with
   * ERROR_INVALID_OWNER, and a file or a link with ERROR_DIRECTORY. Under Wine, where its Unix user
   * owns every file, the caller's account is an owner too.
   */
  createProtectedFolder(path: string): void;
  /**
   * Returns the descriptor in Windows' own notation (SDDL), or `null` when Windows does not accept
   * the bytes as a self-relative security descriptor with owner, group and DACL.
   */
  describeSecurity(descriptor: Uint8Array): string | null;
  /** Returns the name of an account in the language of Windows (`BUILTIN\Users`), or `null`. */
  accountName(sid: string): string | null;
  /** Tells whether this Windows is Wine. */
  isWine(): boolean;
  /** Reads the owner and access control list of a file, folder or link; `null` when absent. */
  readFileSecurity(path: string): FileSecurity | null;
  /**
   * Looks at a file, folder or link itself through one handle; `null` when absent. Its folders are not
   * looked at. Reaches also what denies Administrators access. Under Wine, where its Unix user owns
   * every file, the caller's account is trusted too.
   */
  inspectProtected(path: string): ProtectedObject | null;
  /**
   * Reads a file whose owner, access control list, hard links and link state were checked on the
   * handle that is read, while the checked folders are held open.
   *
   * @param folders The folders of the file to check, the highest first.
   * @param maxBytes A larger file fails with ERROR_FILE_TOO_LARGE.
   * @returns `null` when the file or a folder is missing; a {@link ForeignPath} instead of the bytes
   * when one of them must not be obeyed.
   */
  readProtectedFile(
    folders: readonly string[],
    file: string,
    maxBytes: number,
  ): Uint8Array | ForeignPath | null;
  /**
   * Renames a file, a folder, or a link itself on the same disk, also when its list denies that.
   * Fails when there is something at `to`.
   */
  moveAside(from: string, to: string): void;
  /** Returns folders of this Windows, whatever the environment says. */
  knownFolders(): KnownFolders;
  /** @param root The root of a drive with its backslash: `C:\`. */
  driveType(root: string): DriveType;

  codePages(): CodePages;
  /**
   * Decodes a text of a code page (`MultiByteToWideChar`). Bytes that are no text of it become
   * replacement characters.
   */
  decodeText(codePage: number, bytes: Uint8Array): string;

  /** Returns the identity of a process; `null` when no running process has this id. */
  processInfo(pid: number): ProcessIdentity | null;
  /**
   * Waits for the exit of a process without polling. A missing process, or one whose id was reused,
   * counts as exited.
   *
   * @param startedAt The creation time from {@link processInfo}.
   */
  waitForProcessExit(pid: number, startedAt: string): ProcessExitWait;

  /**
   * Ends a process without asking it, and waits until it has ended; `false` when it had ended
   * before. Rejects with ERROR_ACCESS_DENIED when Windows does not allow it, and with WAIT_TIMEOUT
   * when the process is still there after five seconds.
   *
   * @param startedAt The creation time from {@link processInfo}: a later process with the same id is
   * left alone.
   */
  endProcess(pid: number, startedAt: string): Promise<boolean>;
  /** Starts a program without a shell, a window or other inherited handles. */
  startProcess(options: NativeProcessOptions): NativeProcess;
  /**
   * Writes an event to the Windows event log.
   *
   * @param source The event source; if it is not registered, its events have no text.
   * @param eventId The id of the text in the shim's message table, from 1 to 65535; the lookup also
   * uses `type`.
   * @param strings The inserts of that text, `%1` first.
   */
  reportEvent(source: string, type: EventType, eventId: number, strings: readonly string[]): void;

  // The next three functions load WsbOnline.dll, which comes with Windows Server Backup. They
  // reject with ERROR_MOD_NOT_FOUND without the DLL and with ERROR_PROC_NOT_FOUND without the
  // function.

  /** Calls `RegisterOnlineBackupWithWindowsServerBackup`. */
  registerCloudProvider(provider: NativeCloudProvider): Promise<void>;
  /** Calls `DeregisterOnlineBackupFromWindowsServerBackup`. */
  deregisterCloudProvider(snapinId: string): Promise<void>;
  /** Calls `UpdateOBStatusInWindowsServerBackup`. */
  updateCloudStatus(snapinId: string, entries: readonly NativeCloudStatusEntry[]): Promise<void>;

  // The next three functions load vssapi.dll. They reject with ERROR_MOD_NOT_FOUND without the DLL,
  // with ERROR_PROC_NOT_FOUND without the function, with ERROR_NOT_SAFEBOOT_SERVICE in safe mode,
  // and with VSS's own code when VSS refuses; `api` is the method that failed.

  /**
   * Registers an express writer: Windows stores its document.
   *
   * Rejects with VSS_E_OBJECT_ALREADY_EXISTS (0x8004230D) when there is a document of that id.
   */
  registerExpressWriter(writer: NativeExpressWriter): Promise<void>;
  /** Registers an express writer by its metadata document; rejects as the function above does. */
  registerExpressDocument(document: string): Promise<void>;
  /** Rejects with VSS_E_OBJECT_NOT_FOUND (0x80042308) when there is no document of that id. */
  unregisterExpressWriter(writerId: string): Promise<void>;
}

/** The file name of the shim. */
export const SHIM_FILE = "wsb-addin.node";

/** The processors that have a prebuilt shim; only `x64` can serve add-ins. */
const ARCHITECTURES: ReadonlySet<string> = new Set(["x64", "ia32"]);

const here = dirname(fileURLToPath(import.meta.url));

function prebuilt(architecture: string): string {
  return packageFile(`prebuilds/win32-${architecture}/${SHIM_FILE}`);
}

/** Returns the path of this package's prebuilt shim that serves add-ins, existing or not. */
export function prebuiltShimPath(): string {
  return prebuilt("x64");
}

/** Returns the paths where the shim of this process may be. */
function candidates(): readonly string[] {
  const beside = join(here, SHIM_FILE);
  if (process.arch === "x64") return [beside, prebuilt("x64")];
  if (existsSync(beside)) {
    throw new WsbError(
      "ERR_WSB_UNSUPPORTED_PLATFORM",
      `Cannot load ${beside} in this 32-bit node.exe. Start the add-in with a 64-bit node.exe.`,
    );
  }
  return [prebuilt(process.arch)];
}

/**
 * Puts the machine's folders over what the environment calls so: a user's own variable must not lead
 * an elevated command, or a program that it starts, to another place.
 */
function useKnownFolders(binding: Pick<NativeBinding, "knownFolders">): void {
  const { programData, windows } = binding.knownFolders();
  process.env["ProgramData"] = programData;
  process.env["SystemRoot"] = windows;
}

/**
 * Loads the shim: the one beside the running file (a built add-in), the package's prebuilt one, or
 * the one in this packed exe.
 *
 * Importing this file works everywhere; only this function needs Windows. A 32-bit node.exe can do
 * everything on 64-bit Windows except serve an add-in.
 *
 * @throws {@link WsbError} `ERR_WSB_UNSUPPORTED_PLATFORM` off Windows, on a processor without a
 * shim, and for an add-in's server in a 32-bit node.exe; `ERR_WSB_NATIVE_LOAD` when no shim loads,
 * with a message that lists the paths tried.
 */
export function loadBinding(): NativeBinding {
  if (process.platform !== "win32" || !ARCHITECTURES.has(process.arch)) {
    throw new WsbError(
      "ERR_WSB_UNSUPPORTED_PLATFORM",
      `This command needs Windows x64; this system is ${process.platform} ${process.arch}. On Linux, run it in the lab: wsb-addin lab up.`,
    );
  }
  const failures: string[] = [];
  const require = createRequire(import.meta.url);
  const paths = isPackedExe() ? [placeShim(process.execPath, packedFile(SHIM_FILE))] : candidates();
  for (const path of paths) {
    if (!existsSync(path)) {
      failures.push(`${path}: file not found`);
      continue;
    }
    try {
      const binding: NativeBinding = require(path) as NativeBinding;
      useKnownFolders(binding);
      return binding;
    } catch (error) {
      failures.push(`${path}: ${errorText(error)}`);
    }
  }
  throw new WsbError(
    "ERR_WSB_NATIVE_LOAD",
    `Cannot load the shim. Tried:\n  ${failures.join("\n  ")}\nInstall the package wsb-addin again, or build the shim with npm run build.`,
  );
}
