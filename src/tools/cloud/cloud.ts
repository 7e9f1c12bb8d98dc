import { WsbError, nativeFailure, windowsError } from "../../base/errors.ts";
import { formatHresult } from "../../base/hresult.ts";
import { loadBinding, type NativeBinding } from "../../runtime/native/binding.ts";
import {
  otherProviders,
  readConsole,
  verifyKeys,
  type Console,
  type CloudVerification,
} from "./mmc.ts";
import { checkProvider, checkSnapinId, type CloudProvider } from "./provider.ts";
import { checkStatus, type CloudStatus, type NativeCloudStatus } from "./status.ts";

/** The part of the shim that cloud backup providers need. */
export type CloudApi = Pick<
  NativeBinding,
  | "readRegistryKey"
  | "readRegistryValue"
  | "driveType"
  | "registerCloudProvider"
  | "deregisterCloudProvider"
  | "updateCloudStatus"
>;

/** Loads the shim. @throws {@link WsbError} as `loadBinding` does, off Windows for example. */
export function loadCloudApi(): CloudApi {
  return loadBinding();
}

// winerror.h
const ERROR_MOD_NOT_FOUND = 0x8007007e;
const ERROR_PROC_NOT_FOUND = 0x8007007f;

const FEATURE =
  "It comes with the feature Windows Server Backup of Windows Server 2012 or later. Install the feature from an elevated PowerShell: Install-WindowsFeature Windows-Server-Backup";

const WIDTH =
  "Only a 64-bit program can load it, and this node.exe is 32-bit. Run the command with a 64-bit node.exe.";

/** What is missing, when it is the DLL or its function that is. */
function missingPart(error: unknown): string | undefined {
  const failure = nativeFailure(error);
  if (failure?.api === "LoadLibraryExW" && failure.hresult === ERROR_MOD_NOT_FOUND) {
    return `this ${process.arch === "ia32" ? "process" : "Windows"} has no WsbOnline.dll`;
  }
  if (failure?.api === "GetProcAddress" && failure.hresult === ERROR_PROC_NOT_FOUND) {
    return "the WsbOnline.dll of this Windows lacks that function";
  }
  return undefined;
}

/** @param what The attempt in the form "Cannot …". */
function cloudError(what: string, nextStep: string, error: unknown): unknown {
  const missing = missingPart(error);
  const failure = nativeFailure(error);
  if (missing === undefined || failure === undefined) return windowsError(what, nextStep, error);
  const { api, hresult } = failure;
  return new WsbError(
    "ERR_WSB_WINDOWS_API",
    `${what}: ${missing} (${api}, ${formatHresult(hresult)}). ${process.arch === "ia32" ? WIDTH : FEATURE}`,
    { hresult, api, cause: error },
  );
}

/** Settings of {@link registerCloudProvider}. */
export interface RegisterCloudOptions {
  /**
   * What to do about a provider that seems to be registered already: refuse before the call, or
   * leave it to Windows, which refuses by itself.
   *
   * [gap] No reference says how Windows Server Backup's own keys are named, so that the kit knows
   * them by the snap-in's name; `leave-to-windows` is for a machine where that goes wrong.
   *
   * @defaultValue `"refuse"`
   */
  readonly otherProvider?: "refuse" | "leave-to-windows";
  /**
   * Tells whether the resource DLL is there; a test off Windows has none.
   *
   * @defaultValue looks on this machine's disks
   */
  readonly isFile?: (path: string) => boolean;
}

/** What {@link registerCloudProvider} has done. */
export interface CloudRegistration {
  /** Whether the same provider was registered before, so that its registration was renewed. */
  readonly renewed: boolean;
  /** What the registry says afterwards. */
  readonly verification: CloudVerification;
}

function assertNoOther(mmc: Console, snapinId: string): void {
  const [other] = otherProviders(mmc, snapinId);
  if (other === undefined) return;
  const named = other.name === undefined ? other.id : `${JSON.stringify(other.name)}, ${other.id}`;
  throw new WsbError(
    "ERR_WSB_CONFLICT",
    `Windows Server Backup has a cloud backup provider already: ${named}. It takes one only, and nothing was changed. Deregister that one first: wsb-addin cloud deregister --snapin-id "${other.id}"`,
  );
}

/**
 * Checks a provider without registering it: its fields, and that no other one is registered.
 *
 * @throws as {@link registerCloudProvider} does before it calls Windows.
 */
export function checkCloudProvider(
  api: CloudApi,
  provider: CloudProvider,
  { otherProvider = "refuse", isFile }: RegisterCloudOptions = {},
): CloudVerification {
  const { snapinId } = checkProvider(api, provider, isFile);
  const mmc = readConsole(api);
  if (otherProvider === "refuse") assertNoOther(mmc, snapinId);
  return verifyKeys(mmc, snapinId);
}

/**
 * Registers a cloud backup provider with Windows Server Backup, which takes one at a time.
 *
 * A provider that is registered already is registered again, with what it says now.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` for a provider that breaks a rule and
 * `ERR_WSB_CONFLICT` when there is another one, both before anything is called;
 * `ERR_WSB_ACCESS_DENIED` without administrator rights; `ERR_WSB_WINDOWS_API` when Windows refuses,
 * or has no Windows Server Backup.
 * @see https://learn.microsoft.com/windows/win32/api/wsbonline/nf-wsbonline-registeronlinebackupwithwindowsserverbackup
 */
export async function registerCloudProvider(
  api: CloudApi,
  provider: CloudProvider,
  options: RegisterCloudOptions = {},
): Promise<CloudRegistration> {
  const native = checkProvider(api, provider, options.isFile);
  const before = checkCloudProvider(api, provider, options);
  try {
    await api.registerCloudProvider(native);
  } catch (error) {
    throw cloudError(
      `Cannot register the cloud backup provider ${native.snapinId}`,
      "Windows refused it; see whether another provider is registered: only one can be.",
      error,
    );
  }
  return {
    renewed: before.state === "registered",
    verification: verifyKeys(readConsole(api), native.snapinId),
  };
}

/** What {@link deregisterCloudProvider} has done. */
export interface CloudDeregistration {
  /** `false`: there was no such provider. */
  readonly changed: boolean;
}

/**
 * Deregisters a cloud backup provider.
 *
 * Windows is asked in any case. When it refuses and no documented key of the provider was there
 * before, the provider was not registered and nothing has changed.
 *
 * @throws {@link WsbError} as {@link registerCloudProvider}, without `ERR_WSB_CONFLICT`.
 * @see https://learn.microsoft.com/windows/win32/api/wsbonline/nf-wsbonline-deregisteronlinebackupfromwindowsserverbackup
 */
export async function deregisterCloudProvider(
  api: CloudApi,
  snapinId: string,
): Promise<CloudDeregistration> {
  const id = checkSnapinId(snapinId);
  const before = verifyKeys(readConsole(api), id);
  try {
    await api.deregisterCloudProvider(id);
    return { changed: true };
  } catch (error) {
    const thrown = cloudError(
      `Cannot deregister the cloud backup provider ${id}`,
      "See what is registered: wsb-addin cloud verify",
      error,
    );
    const isRefusal =
      thrown instanceof WsbError &&
      thrown.code === "ERR_WSB_WINDOWS_API" &&
      missingPart(error) === undefined;
    if (isRefusal && before.state === "absent") return { changed: false };
    throw thrown;
  }
}

/**
 * Replaces the status that Windows Server Backup's snap-in shows of a provider.
 *
 * @throws {@link WsbError} as {@link registerCloudProvider}, without `ERR_WSB_CONFLICT`.
 * @see https://learn.microsoft.com/windows/win32/api/wsbonline/nf-wsbonline-updateobstatusinwindowsserverbackup
 */
export async function updateCloudStatus(api: CloudApi, status: CloudStatus): Promise<void> {
  await sendStatus(api, checkStatus(status));
}

/** {@link updateCloudStatus} with a status that was checked. */
export async function sendStatus(
  api: CloudApi,
  { snapinId, entries }: NativeCloudStatus,
): Promise<void> {
  try {
    await api.updateCloudStatus(snapinId, entries);
  } catch (error) {
    throw cloudError(
      `Cannot update the status of the cloud backup provider ${snapinId}`,
      "See whether the provider is registered: wsb-addin cloud verify",
      error,
    );
  }
}

/**
 * Tells which of a provider's documented keys are there. It only reads.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` when `snapinId` is not a GUID.
 */
export function verifyCloudProvider(api: CloudApi, snapinId: string): CloudVerification {
  return verifyKeys(readConsole(api), checkSnapinId(snapinId));
}
