import { WsbError, nativeFailure, windowsError, type WsbErrorCode } from "../../base/errors.ts";
import { HRESULT, formatHresult, nameHresult } from "../../base/hresult.ts";
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

/** Loads the shim. @throws {@link WsbError} like `loadBinding`, for example on other systems. */
export function loadCloudApi(): CloudApi {
  return loadBinding();
}

const FEATURE =
  "It is part of the feature Windows Server Backup of Windows Server 2012 or later. Install the feature from an elevated PowerShell: Install-WindowsFeature Windows-Server-Backup";

const WIDTH =
  "Only a 64-bit program can load it, and this node.exe is 32-bit. Run the command with a 64-bit node.exe.";

/** Returns the problem if the DLL or its function is missing. */
function missingPart(error: unknown): string | undefined {
  const failure = nativeFailure(error);
  if (failure?.api === "LoadLibraryExW" && failure.hresult === HRESULT.ERROR_MOD_NOT_FOUND) {
    return `this ${process.arch === "ia32" ? "process" : "Windows"} has no WsbOnline.dll`;
  }
  if (failure?.api === "GetProcAddress" && failure.hresult === HRESULT.ERROR_PROC_NOT_FOUND) {
    return "the WsbOnline.dll of this Windows does not have this function";
  }
  return undefined;
}

/**
 * What Windows Server Backup answers for reasons of its own. Which function gives which code is not
 * documented.
 *
 * @see wsbonlineerror.h
 */
const refusals: ReadonlyMap<number, { readonly code: WsbErrorCode; readonly text: string }> =
  new Map([
    [
      HRESULT.WSB_ONLINE_INVALID_PARAMETER_ERROR,
      {
        code: "ERR_WSB_INVALID_ARGUMENT",
        text: "Windows Server Backup refuses a field of the provider. Check the resource DLL, its ids and the snap-in's id",
      },
    ],
    [
      HRESULT.WSB_ONLINE_REGISTRATION_ALREADY_EXISTS,
      {
        code: "ERR_WSB_CONFLICT",
        text: "another cloud backup provider is registered, and Windows Server Backup supports only one. Deregister that provider first",
      },
    ],
    [
      HRESULT.WSB_ONLINE_REGISTRATION_MISMATCH,
      {
        code: "ERR_WSB_CONFLICT",
        text: "the registered cloud backup provider has another snap-in id; nothing was changed. See which one is registered: wsb-addin cloud verify",
      },
    ],
  ]);

/** @param what The attempt in the form "Cannot …". */
function cloudError(what: string, nextStep: string, error: unknown): unknown {
  const missing = missingPart(error);
  const failure = nativeFailure(error);
  if (failure === undefined) return windowsError(what, nextStep, error);
  const { api, hresult } = failure;
  const refusal = refusals.get(hresult);
  if (refusal !== undefined) {
    return new WsbError(
      refusal.code,
      `${what}: ${refusal.text} (${api}, ${nameHresult(hresult)}, ${formatHresult(hresult)}).`,
      { hresult, api, cause: error },
    );
  }
  if (missing === undefined) return windowsError(what, nextStep, error);
  return new WsbError(
    "ERR_WSB_WINDOWS_API",
    `${what}: ${missing} (${api}, ${formatHresult(hresult)}). ${process.arch === "ia32" ? WIDTH : FEATURE}`,
    { hresult, api, cause: error },
  );
}

/** Settings of {@link registerCloudProvider}. */
export interface RegisterCloudOptions {
  /**
   * What to do if another provider seems to be registered: refuse before the call, or let Windows
   * refuse the call.
   *
   * [gap] No reference names Windows Server Backup's own keys, so wsb-addin recognises them by the
   * snap-in's name. Use `leave-to-windows` on a machine where this fails.
   *
   * @defaultValue `"refuse"`
   */
  readonly otherProvider?: "refuse" | "leave-to-windows";
  /**
   * Returns whether the resource DLL exists; a test on another system has none.
   *
   * @defaultValue checks this machine's disks
   */
  readonly isFile?: (path: string) => boolean;
}

/** The result of {@link registerCloudProvider}. */
export interface CloudRegistration {
  /** Whether the same provider was registered before, so that its registration was renewed. */
  readonly renewed: boolean;
  /** The state of the registry afterwards. */
  readonly verification: CloudVerification;
}

function assertNoOther(mmc: Console, snapinId: string): void {
  const [other] = otherProviders(mmc, snapinId);
  if (other === undefined) return;
  const named = other.name === undefined ? other.id : `${JSON.stringify(other.name)}, ${other.id}`;
  throw new WsbError(
    "ERR_WSB_CONFLICT",
    `Windows Server Backup already has a cloud backup provider: ${named}. It supports only one; nothing was changed. Deregister that provider first: wsb-addin cloud deregister --snapin-id "${other.id}"`,
  );
}

/**
 * Checks the fields of a provider, and that no other provider is registered; registers nothing.
 *
 * @throws like {@link registerCloudProvider} before it calls Windows.
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
 * Registers a cloud backup provider with Windows Server Backup, which supports one at a time.
 *
 * If this provider is already registered, it is registered again with the new values.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` for an invalid provider and `ERR_WSB_CONFLICT` if
 * another one is registered, both before the call; `ERR_WSB_ACCESS_DENIED` without administrator
 * rights; `ERR_WSB_WINDOWS_API` if Windows refuses the call or has no Windows Server Backup.
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
      "Windows refused the call. Check whether another provider is registered; only one is possible.",
      error,
    );
  }
  return {
    renewed: before.state === "registered",
    verification: verifyKeys(readConsole(api), native.snapinId),
  };
}

/** The result of {@link deregisterCloudProvider}. */
export interface CloudDeregistration {
  /** `false` if the provider was not registered. */
  readonly changed: boolean;
}

/**
 * Deregisters a cloud backup provider.
 *
 * It always calls Windows. If Windows refuses and no documented key of the provider existed, the
 * provider was not registered and nothing changed.
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
      "Check the registration: wsb-addin cloud verify",
      error,
    );
    const isRefusal =
      thrown instanceof WsbError &&
      thrown.code === "ERR_WSB_WINDOWS_API" &&
      missingPart(error) === undefined;
    const isAbsent = before.state === "absent";
    // Of another provider's registration, this one has nothing to remove.
    const isOther =
      nativeFailure(error)?.hresult === HRESULT.WSB_ONLINE_REGISTRATION_MISMATCH && isAbsent;
    if ((isRefusal && isAbsent) || isOther) return { changed: false };
    throw thrown;
  }
}

/**
 * Replaces the status that Windows Server Backup's snap-in shows for a provider.
 *
 * @throws {@link WsbError} as {@link registerCloudProvider}, without `ERR_WSB_CONFLICT`.
 * @see https://learn.microsoft.com/windows/win32/api/wsbonline/nf-wsbonline-updateobstatusinwindowsserverbackup
 */
export async function updateCloudStatus(api: CloudApi, status: CloudStatus): Promise<void> {
  await sendStatus(api, checkStatus(status));
}

/** Does the same as {@link updateCloudStatus} with a checked status. */
export async function sendStatus(
  api: CloudApi,
  { snapinId, entries }: NativeCloudStatus,
): Promise<void> {
  try {
    await api.updateCloudStatus(snapinId, entries);
  } catch (error) {
    throw cloudError(
      `Cannot update the status of the cloud backup provider ${snapinId}`,
      "Check whether the provider is registered: wsb-addin cloud verify",
      error,
    );
  }
}

/**
 * Returns which of a provider's documented keys exist. It only reads.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` if `snapinId` is not a GUID.
 */
export function verifyCloudProvider(api: CloudApi, snapinId: string): CloudVerification {
  return verifyKeys(readConsole(api), checkSnapinId(snapinId));
}
