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

/** Name of a COM method as handlers, manifest and shim spell it. */
export type MethodName =
  | "preRestore"
  | "postRestore"
  | "orderComponents"
  | "isRollForwardSupported"
  | "checkConsistency";

/** Components in a form that crosses to JavaScript in one piece; see `addin/components.ts`. */
export interface PackedComponents {
  /** Name and logical path of one component after another, each ended by U+0000. */
  readonly names: string;
  /** Which of those, counted from 0, are no text: the caller passed NULL. */
  readonly nulls: Uint32Array;
}

/** Arguments of PreRestore and PostRestore. */
export interface RestoreArguments extends Component {
  readonly writerMetadata: string | null;
  readonly noRollForward: boolean;
}

/** Arguments of CheckConsistency. */
export interface CheckArguments extends Component {
  readonly writerMetadata: string | null;
  readonly sourceVolumePaths: readonly (string | null)[] | null;
  readonly snapshotVolumePaths: readonly (string | null)[] | null;
}

/** Arguments of each method as the shim copied them, strings UTF-16 from end to end. */
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
 * Why a consistency check ended before it was done: its client called `Abort`, released it, or its
 * client's process exited.
 */
export type AbortReason = "aborted" | "released" | "clientExited";

/** What the shim tells JavaScript, always on the JavaScript thread. */
export type ServerEvent =
  /** A COM call arrived and waits for {@link NativeServer.answer}. */
  | {
      readonly kind: "call";
      readonly id: number;
      readonly call: NativeCall;
      /** Process that calls and waits, 0 when unknown; see {@link NativeBinding.processInfo}. */
      readonly clientPid: number;
    }
  /** The call ran into its limit; its caller has `ERROR_TIMEOUT` already and an answer is ignored. */
  | { readonly kind: "expired"; readonly id: number }
  /** A consistency check has ended before it was done: nobody waits for its result. */
  | { readonly kind: "abort"; readonly id: number; readonly reason: AbortReason }
  /** No reference was held for `lingerMs`; class objects are suspended and no call will come. */
  | { readonly kind: "idle" };

/** Answer to a COM call. `description` reaches the caller as COM error information. */
export interface NativeReply {
  /** HRESULT the method returns. */
  readonly hresult: number;
  readonly description?: string;
  /**
   * `orderComponents`: where each component of the order is in the call, counted from 0, or `null`
   * for no order in particular. The shim answers `E_UNEXPECTED` for what is no permutation.
   */
  readonly order?: Uint32Array | null;
  readonly rollForwardSupported?: boolean;
  /** `checkConsistency`: a check runs now, and {@link NativeServer.finishOperation} will end it. */
  readonly startsOperation?: boolean;
}

export interface NativeServerOptions {
  readonly clsid: string;
  /** Which interfaces `QueryInterface` answers. */
  readonly interfaces: { readonly restore: boolean; readonly backup: boolean };
  /**
   * Who may call: a self-relative security descriptor, as the registry's AccessPermission has it.
   * It holds for the whole process and cannot be set twice.
   */
  readonly accessDescriptor: Uint8Array;
  /** Milliseconds between the last reference and the `idle` event. */
  readonly lingerMs: number;
  /** Longest wait of the caller for each method, in milliseconds. */
  readonly limitsMs: Readonly<Record<MethodName, number>>;
  readonly onEvent: (event: ServerEvent) => void;
}

/** A served COM class. Every method is for the JavaScript thread. */
export interface NativeServer {
  /** Answers a call; `false` when nobody waits for it any more. */
  answer(id: number, reply: NativeReply): boolean;
  /** Ends the consistency check that the call `id` started; `false` when it had ended already. */
  finishOperation(id: number, hresult: number): boolean;
  /** Keeps the server from going idle until the matching {@link release}. */
  hold(): void;
  release(): void;
  /** Revokes the class object; waiting and later callers get `RPC_E_DISCONNECTED`. Idempotent. */
  stop(): void;
}

/** Outcome of a COM call seen from the client: data, not an exception. */
export interface CallResult<T = undefined> {
  readonly hresult: number;
  /** Text of the COM error information, or `null` when there was none. */
  readonly description: string | null;
  /** `undefined` when the call failed. */
  readonly value: T | undefined;
}

/** A consistency check in another process. */
export interface RemoteOperation {
  /** Polls the check; the value is the check's own HRESULT. */
  queryStatus(): Promise<CallResult<number>>;
  abort(): Promise<CallResult>;
  /** Releases the reference; later calls fail. Idempotent. */
  release(): Promise<void>;
}

/** An add-in object in another process, for the simulator and the tests. Calls may overlap. */
export interface RemoteAddin {
  /** HRESULT of `QueryInterface` for any interface id. */
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

/** A registry value as it is stored: its type number and its bytes. */
export interface RawRegistryValue {
  /** `REG_SZ` is 1, `REG_BINARY` 3, `REG_DWORD` 4 … (winnt.h). */
  readonly type: number;
  readonly data: Uint8Array;
}

/** SCM states (winsvc.h, `SERVICE_STATUS_PROCESS.dwCurrentState`). */
export type ServiceState =
  | "STOPPED"
  | "START_PENDING"
  | "STOP_PENDING"
  | "RUNNING"
  | "CONTINUE_PENDING"
  | "PAUSE_PENDING"
  | "PAUSED";

/** How a service is started (winsvc.h, `QUERY_SERVICE_CONFIGW.dwStartType`). */
export type ServiceStartType = "boot" | "system" | "automatic" | "manual" | "disabled";

export interface ServiceStatus {
  readonly state: ServiceState;
  /** Process that hosts the service, 0 when it does not run. */
  readonly processId: number;
  /** `dwWaitHint` of the service, in milliseconds. */
  readonly waitHintMs: number;
  /** `dwWin32ExitCode`: why it stopped, 0 for an orderly stop. */
  readonly exitCode: number;
}

/** A mutex or file that this process holds. */
export interface HeldLock {
  /** Gives it back. Idempotent. */
  release(): void;
}

/** A wait for the exit of a process. It keeps this process alive, as a timer does. */
export interface ProcessExitWait {
  /** Resolves at the exit; after {@link close} never. Does not reject. */
  readonly exited: Promise<void>;
  /** Ends the wait. Idempotent. */
  close(): void;
}

export interface NativeProcessOptions {
  /** Full path of the program; nothing looks for it elsewhere. */
  readonly file: string;
  /** Begins with the program's name; quoted as CommandLineToArgvW reads it. */
  readonly commandLine: string;
  /** Full path of its working folder. */
  readonly folder: string;
  /** `NAME=value`, each name once: all that the program gets. */
  readonly environment: readonly string[];
  /** How many bytes of the end of its output are kept. */
  readonly outputBytes: number;
}

export interface NativeProcessEnd {
  /** `null` when Windows could not end the program within five seconds: it hangs in a device. */
  readonly exitCode: number | null;
  /** End of what it wrote to stdout and stderr, in the order of writing. */
  readonly output: string;
}

/**
 * A program and everything it starts: all of them end with the program itself, and with this
 * process, however that ends.
 */
export interface NativeProcess {
  readonly pid: number;
  /** Resolves when every process has gone. Keeps this process alive. Does not reject. */
  readonly ended: Promise<NativeProcessEnd>;
  /** Ends every process, and does not wait. Idempotent. */
  kill(): void;
}

/** A cloud backup provider as `WSB_OB_REGISTRATION_INFO` has it (wsbonline.h). */
export interface NativeCloudProvider {
  readonly resourceDll: string;
  readonly snapinId: string;
  readonly nameId: number;
  readonly iconId: number;
  readonly supportsRemoting: boolean;
}

/** A line of a provider's status as `WSB_OB_STATUS_ENTRY` has it (wsbonline.h). */
export interface NativeCloudStatusEntry {
  readonly iconId: number;
  readonly nameId: number;
  readonly valueId: number;
  /** `type` is a `WSB_OB_STATUS_ENTRY_PAIR_TYPE`. */
  readonly values: readonly { readonly text: string; readonly type: number }[];
}

/** One entry of a file's access control list, in the list's order. */
export interface FileAccessEntry {
  readonly kind: "allow" | "deny";
  readonly sid: string;
  /** Access mask as it is stored; generic rights are not mapped. */
  readonly mask: number;
  /** Inheritance flags, `INHERIT_ONLY_ACE` (0x8) and its like (winnt.h). */
  readonly flags: number;
}

export interface FileSecurity {
  /** SID of the owner, who can change the list whatever it says. */
  readonly owner: string;
  /** `null`: there is no list, and everybody may do everything. */
  readonly entries: readonly FileAccessEntry[] | null;
}

/** What `GetDriveTypeW` says; `substituted`: a letter that SUBST made, for one logon session. */
export type DriveType =
  | "missing"
  | "unknown"
  | "removable"
  | "fixed"
  | "network"
  | "cdrom"
  | "ramdisk"
  | "substituted";

/** Severity of an event in the Windows event log. */
export type EventType = "information" | "warning" | "error";

/**
 * Everything the kit asks of Windows, as `wsb-addin.node` exports it.
 *
 * Registry paths are below HKEY_LOCAL_MACHINE, always in the 64-bit view. Absence is a value; any
 * other failure throws an Error with `hresult` and `api`, its message Windows' own text.
 * Functions that can wait answer with a Promise and do not block the JavaScript thread.
 */
export interface NativeBinding {
  startServer(options: NativeServerOptions): NativeServer;
  /** Activates the class in a process of its own (`CoCreateInstance`, `CLSCTX_LOCAL_SERVER`). */
  activate(clsid: string): Promise<CallResult<RemoteAddin>>;

  /** Costs the same however much is below the key. */
  hasRegistryKey(path: string): boolean;
  /** Names of values and subkeys, or `null` when there is no such key. */
  readRegistryKey(
    path: string,
  ): { readonly values: readonly string[]; readonly subkeys: readonly string[] } | null;
  /** One value (`""` is the default value), or `null` when key or value is absent. */
  readRegistryValue(path: string, name: string): RawRegistryValue | null;
  /** Creates one key, parents included; `false` when it was there. */
  createRegistryKey(path: string): boolean;
  writeRegistryValue(path: string, name: string, type: number, data: Uint8Array): void;
  /** `false` when key or value was absent. */
  deleteRegistryValue(path: string, name: string): boolean;
  /** Deletes a key that has no subkeys; `false` when it was absent. */
  deleteRegistryKey(path: string): boolean;

  /** `null` when the service control manager knows no such service. */
  queryService(name: string): Promise<ServiceStatus | null>;
  /** Rejects with ERROR_SERVICE_DOES_NOT_EXIST when there is no such service. */
  queryServiceStartType(name: string): Promise<ServiceStartType>;
  /** Every Win32 service and the services it depends on (load order groups left out). */
  listServiceDependencies(): Promise<
    readonly { readonly name: string; readonly dependsOn: readonly string[] }[]
  >;
  /** Sends SERVICE_CONTROL_STOP and does not wait; `false` when it was not running. */
  requestServiceStop(name: string): Promise<boolean>;
  /** Calls StartServiceW and does not wait for RUNNING; `false` when it was running. */
  requestServiceStart(name: string): Promise<boolean>;

  /**
   * Takes a mutex of the whole machine that only SYSTEM and Administrators can open; `null` when
   * `timeoutMs` has passed. A process that ends gives it back.
   */
  acquireMutex(name: string, timeoutMs: number): Promise<HeldLock | null>;
  /**
   * Holds a file in an existing folder that no other process can open meanwhile; `null` when
   * `timeoutMs` has passed. It goes when it is given back, also by the end of the process.
   */
  lockFile(path: string, timeoutMs: number): Promise<HeldLock | null>;
  /** Whether this process holds the Administrators group, enabled. */
  isElevated(): boolean;
  /**
   * Creates a folder that SYSTEM and Administrators alone can reach, parents excluded.
   * One that exists is given to them alone, and refused when somebody else than one of the two
   * or the caller owns it.
   */
  createProtectedFolder(path: string): void;
  /**
   * The descriptor in Windows' own notation (SDDL), or `null` when Windows does not accept the
   * bytes as a self-relative security descriptor with owner, group and DACL.
   */
  describeSecurity(descriptor: Uint8Array): string | null;
  /** Name of an account in the language of Windows (`BUILTIN\Users`), or `null`. */
  accountName(sid: string): string | null;
  /** Whether this Windows is Wine. */
  isWine(): boolean;
  /** Owner and access control list of a file, a folder or a link itself; `null` when absent. */
  readFileSecurity(path: string): FileSecurity | null;
  /** @param root Root of a drive with its backslash, `C:\`. */
  driveType(root: string): DriveType;

  /** `null` when no process has this id, or one that has exited. */
  processInfo(pid: number): ProcessIdentity | null;
  /**
   * Waits for the exit of a process without polling. One that has gone, or whose id another process
   * has by now, has exited already.
   *
   * @param startedAt As {@link processInfo} said.
   */
  waitForProcessExit(pid: number, startedAt: string): ProcessExitWait;

  /** Starts a program without a shell, a window and an input, inheriting no other handle. */
  startProcess(options: NativeProcessOptions): NativeProcess;
  /**
   * Writes an event to the Windows event log.
   *
   * @param source Name of a source that is registered, or else its events show without a text.
   * @param eventId Id of the text in the shim's message table, from 1 to 65535; together with `type`
   * it finds the text.
   * @param strings Inserts of that text: `%1` is the first.
   */
  reportEvent(source: string, type: EventType, eventId: number, strings: readonly string[]): void;

  // The next three load WsbOnline.dll, which comes with Windows Server Backup; without it they
  // reject with ERROR_MOD_NOT_FOUND, and without the function with ERROR_PROC_NOT_FOUND.

  /** Calls `RegisterOnlineBackupWithWindowsServerBackup`. */
  registerCloudProvider(provider: NativeCloudProvider): Promise<void>;
  /** Calls `DeregisterOnlineBackupFromWindowsServerBackup`. */
  deregisterCloudProvider(snapinId: string): Promise<void>;
  /** Calls `UpdateOBStatusInWindowsServerBackup`. */
  updateCloudStatus(snapinId: string, entries: readonly NativeCloudStatusEntry[]): Promise<void>;
}

/** File name of the shim. */
export const SHIM_FILE = "wsb-addin.node";

/** Processors that there is a shim for; `x64` is the one that serves add-ins. */
const ARCHITECTURES: ReadonlySet<string> = new Set(["x64", "ia32"]);

const here = dirname(fileURLToPath(import.meta.url));

function prebuilt(architecture: string): string {
  return packageFile(`prebuilds/win32-${architecture}/${SHIM_FILE}`);
}

/** Path of the prebuilt shim of this package that serves add-ins, whether or not it is there. */
export function prebuiltShimPath(): string {
  return prebuilt("x64");
}

/** Where the shim of this process may be. */
function candidates(): readonly string[] {
  const beside = join(here, SHIM_FILE);
  if (process.arch === "x64") return [beside, prebuilt("x64")];
  if (existsSync(beside)) {
    throw new WsbError(
      "ERR_WSB_UNSUPPORTED_PLATFORM",
      `${beside} is for the 64-bit node.exe, and this one is 32-bit. Start the add-in with a 64-bit node.exe.`,
    );
  }
  return [prebuilt(process.arch)];
}

/**
 * Loads the shim: beside the running file (a built add-in), the package's prebuilt one, or the one
 * that this very exe carries.
 *
 * Importing this file is harmless anywhere; only this function needs Windows. In a 32-bit node.exe
 * everything works on the 64-bit Windows around it, except that it cannot be an add-in's server.
 *
 * @throws {@link WsbError} `ERR_WSB_UNSUPPORTED_PLATFORM` off Windows, on a processor without a shim
 * and for an add-in's server in a 32-bit node.exe, `ERR_WSB_NATIVE_LOAD` when no candidate loads;
 * the message lists the paths tried.
 */
export function loadBinding(): NativeBinding {
  if (process.platform !== "win32" || !ARCHITECTURES.has(process.arch)) {
    throw new WsbError(
      "ERR_WSB_UNSUPPORTED_PLATFORM",
      `This needs Windows x64, and this is ${process.platform} ${process.arch}. On Linux, run it in the lab: wsb-addin lab up.`,
    );
  }
  const failures: string[] = [];
  const require = createRequire(import.meta.url);
  const paths = isPackedExe() ? [placeShim(process.execPath, packedFile(SHIM_FILE))] : candidates();
  for (const path of paths) {
    if (!existsSync(path)) {
      failures.push(`${path}: no such file`);
      continue;
    }
    try {
      const binding: NativeBinding = require(path) as NativeBinding;
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
