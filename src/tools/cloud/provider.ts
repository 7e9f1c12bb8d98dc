import type { NativeBinding, NativeCloudProvider } from "../../runtime/native/binding.ts";
import { Checker } from "./checker.ts";
import { isFileHere, type FileTest } from "./local-file.ts";

/**
 * A cloud backup provider, as Windows Server Backup's snap-in is to show it.
 *
 * @see https://learn.microsoft.com/windows/win32/api/wsbonline/ns-wsbonline-wsb_ob_registration_info
 */
export interface CloudProvider {
  /** Class id of the provider's MMC snap-in, with or without braces. */
  readonly snapinId: string;
  /** Full path of the DLL with the resources, on a drive of this machine. */
  readonly resourceDll: string;
  /** String resource with the provider's name, from 1 to 65535. */
  readonly nameId: number;
  /** Icon resource, from 1 to 65535. */
  readonly iconId: number;
  /**
   * Whether the provider can talk to its engine on another machine.
   *
   * @defaultValue `false`
   */
  readonly supportsRemoting?: boolean;
}

const WHAT = "a cloud backup provider";
const KNOWN = ["$schema", "snapinId", "resourceDll", "nameId", "iconId", "supportsRemoting"];

/** The part of the shim that checks of a provider need. */
export type DriveApi = Pick<NativeBinding, "driveType">;

/** Returns what is wrong with the path of a resource DLL, or `undefined`. */
function resourceDllRule(api: DriveApi, value: unknown, isFile: FileTest): string | undefined {
  if (typeof value !== "string") return "must be the path of a DLL";
  if (!/^[a-z]:\\[^\\]/iu.test(value)) {
    return "must be an absolute path on a drive of this machine, such as C:\\Program Files\\Contoso\\resources.dll";
  }
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  if (/[<>:"/|?*\u0000-\u001f]/u.test(value.slice(2))) {
    return 'must not contain control characters or any of < > : " / | ? *';
  }
  const drive = api.driveType(value.slice(0, "C:\\".length));
  if (drive === "network" || drive === "substituted") {
    return `must be on a drive that every session has, not on a ${drive} one`;
  }
  return isFile(value) ? undefined : "must be a file that exists";
}

/**
 * Checks a provider, from wherever it comes, and returns it as the shim takes it.
 *
 * @param isFile Tells whether the resource DLL is there.
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` with everything that is wrong.
 */
export function checkProvider(
  api: DriveApi,
  value: unknown,
  isFile: FileTest = isFileHere,
): NativeCloudProvider {
  const checker = new Checker(WHAT);
  const fields = checker.fields(WHAT, value, KNOWN);
  const { resourceDll, supportsRemoting = false } = fields;
  const rule = resourceDllRule(api, resourceDll, isFile);
  if (rule !== undefined) checker.report("resourceDll", rule, resourceDll);
  if (typeof supportsRemoting !== "boolean") {
    checker.report("supportsRemoting", "must be true or false", supportsRemoting);
  }
  const provider = {
    resourceDll: typeof resourceDll === "string" ? resourceDll : "",
    snapinId: checker.guid("snapinId", fields["snapinId"]),
    nameId: checker.resourceId("nameId", fields["nameId"], 1),
    iconId: checker.resourceId("iconId", fields["iconId"], 1),
    supportsRemoting: supportsRemoting === true,
  };
  checker.finish();
  return provider;
}

/** Checks the id of a provider's snap-in and returns it canonical. */
export function checkSnapinId(value: unknown): string {
  const checker = new Checker(WHAT);
  const snapinId = checker.guid("snapinId", value);
  checker.finish();
  return snapinId;
}
