import type { Definition } from "../../base/document/definition.ts";
import { fields } from "../../base/document/fields.ts";
import { boolean, string } from "../../base/document/kinds.ts";
import { guid, schemaField } from "../../base/document/parts.ts";
import { readText, readValue, requireReading, type Reading } from "../../base/document/read.ts";
import type { NativeBinding, NativeCloudProvider } from "../../runtime/native/binding.ts";
import { isFileHere, type FileTest } from "./local-file.ts";
import { resourceId } from "./resource-id.ts";

/**
 * A cloud backup provider for Windows Server Backup's snap-in.
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

/** The part of the shim that the checks of a provider need. */
export type DriveApi = Pick<NativeBinding, "driveType">;

/** Returns the problem of the path of a resource DLL, or `undefined`. */
function resourceDllRule(api: DriveApi, path: string, isFile: FileTest): string | undefined {
  if (!/^[a-z]:\\[^\\]/iu.test(path)) {
    return "must be an absolute path on a drive of this machine, such as C:\\Program Files\\Contoso\\resources.dll";
  }
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  if (/[<>:"/|?*\u0000-\u001f]/u.test(path.slice(2))) {
    return 'must not contain control characters or any of < > : " / | ? *';
  }
  const drive = api.driveType(path.slice(0, "C:\\".length));
  if (drive === "network" || drive === "substituted") {
    return `must be on a drive of every session, not on a ${drive} drive`;
  }
  return isFile(path) ? undefined : "must be a file that exists";
}

/**
 * Defines `provider.json`, for the drives of a machine.
 *
 * @param isFile Returns whether the resource DLL exists.
 */
export function providerDefinition(
  api: DriveApi,
  isFile: FileTest = isFileHere,
): Definition<CloudProvider> {
  return fields({
    $schema: schemaField,
    snapinId: guid.about("Class id of the provider's MMC snap-in, with or without braces."),
    resourceDll: string
      .check((path) => resourceDllRule(api, path, isFile), {
        pattern: '^[A-Za-z]:\\\\[^\\\\<>:"/|?*\\u0000-\\u001F][^<>:"/|?*\\u0000-\\u001F]*$',
      })
      .about("Full path of the DLL with the resources, on a drive of this machine.", {
        examples: ["C:\\Program Files\\Contoso\\resources.dll"],
      }),
    nameId: resourceId.about("String resource with the provider's name."),
    iconId: resourceId.about("Icon resource."),
    supportsRemoting: boolean
      .about("Whether the provider can talk to its engine on another machine.", { default: false })
      .optional(),
  });
}

const NAME = "the provider";

function requireProvider(reading: Reading<CloudProvider>, source: string): NativeCloudProvider {
  const provider = requireReading(reading, {
    code: "ERR_WSB_INVALID_ARGUMENT",
    heading: `${source} is not a valid description of a cloud backup provider; nothing was changed`,
  });
  return { supportsRemoting: false, ...provider };
}

/**
 * Checks a provider from any source and returns it in the form for the shim.
 *
 * @param isFile Returns whether the resource DLL exists.
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` with all problems.
 */
export function checkProvider(
  api: DriveApi,
  value: unknown,
  isFile: FileTest = isFileHere,
): NativeCloudProvider {
  return requireProvider(readValue(providerDefinition(api, isFile), value, NAME), "This");
}

/**
 * Reads a provider from the text of a file.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` with all problems.
 */
export function parseProvider(api: DriveApi, text: string, file: string): NativeCloudProvider {
  return requireProvider(readText(providerDefinition(api), text, NAME), file);
}

// Other fields of the description may be out of date; for example, the DLL may be missing.
const idAlone = fields({ snapinId: guid }, { others: "ignored" });

function requireId(reading: Reading<{ readonly snapinId: string }>, heading: string): string {
  return requireReading(reading, { code: "ERR_WSB_INVALID_ARGUMENT", heading }).snapinId;
}

/** Checks the id of a provider's snap-in and returns its canonical form. */
export function checkSnapinId(value: unknown): string {
  const reading = readValue(idAlone, { snapinId: value }, NAME);
  return requireId(reading, "The id of the cloud backup provider is invalid; nothing was changed");
}

/** Reads the id of a provider's snap-in from the text of the provider's file. */
export function parseSnapinId(text: string, file: string): string {
  return requireId(
    readText(idAlone, text, NAME),
    `${file} has no valid id of a cloud backup provider; nothing was changed`,
  );
}
