/** What diskshadow.exe is told, and how a shadow copy of its is found. */
import { WsbError } from "../../base/errors.ts";

export interface ShadowPlan {
  /** The writer without which there is no shadow copy; `undefined` leaves all writers out. */
  readonly writerId: string | undefined;
  /** The volumes, such as `C:\`. */
  readonly volumes: readonly string[];
  /** Where diskshadow saves its own documents. */
  readonly metadataFile: string;
  /** Runs while the shadow copy exists. */
  readonly commandFile: string;
}

/** The beginning of the environment variables with the ids of the shadow copies. */
export const ALIAS_PREFIX = "WSB_ADDIN_SHADOW_";

/** Returns the name by which diskshadow gives the id of a volume's shadow copy to the command file. */
export function aliasOf(volume: string): string {
  const letter = /^([a-z]):\\$/iu.exec(volume)?.[1];
  if (letter !== undefined) return `${ALIAS_PREFIX}${letter.toUpperCase()}`;
  throw new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    `Cannot make a shadow copy of ${JSON.stringify(volume)}: it is no drive letter. Use components on a local drive.`,
  );
}

/**
 * Returns the script of a copy backup that ends with its shadow copy. No full backup: that would let
 * other applications, such as databases, cut their logs.
 *
 * @see https://learn.microsoft.com/windows-server/administration/windows-commands/diskshadow
 */
export function scriptOf({ writerId, volumes, metadataFile, commandFile }: ShadowPlan): string {
  const lines = [
    // Deleted when diskshadow ends, however that happens.
    `SET CONTEXT VOLATILE${writerId === undefined ? " NOWRITERS" : ""}`,
    `SET METADATA ${quoted(metadataFile)}`,
    ...(writerId === undefined ? [] : [`WRITER VERIFY ${writerId}`]),
    ...volumes.map((volume) => `ADD VOLUME ${volume} ALIAS ${aliasOf(volume)}`),
    "CREATE",
    `EXEC ${quoted(commandFile)}`,
    "EXIT",
  ];
  return lines.map((line) => `${line}\r\n`).join("");
}

function quoted(path: string): string {
  return /\s/u.test(path) ? `"${path}"` : path;
}

const ID = /^\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}$/iu;

/** Tells whether a text is the id of a shadow copy. */
export function isShadowId(text: unknown): text is string {
  return typeof text === "string" && ID.test(text);
}

const DEVICE = /\\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy\d+/giu;

/**
 * Finds the device of a shadow copy in what `vssadmin list shadows /shadow={id}` writes, in any
 * language: there is one device, and the id is named.
 *
 * @throws {@link WsbError} `ERR_WSB_PROGRAM` when that is not so.
 */
export function deviceIn(output: string, shadowId: string): string {
  const [device, another] = new Set(output.match(DEVICE) ?? []);
  const isNamed = output.toLowerCase().includes(shadowId.toLowerCase());
  if (device !== undefined && another === undefined && isNamed) return device;
  throw new WsbError(
    "ERR_WSB_PROGRAM",
    `Cannot find the shadow copy ${shadowId}: vssadmin list shadows does not name its device. It says:\n${output.trim().slice(-1000)}`,
  );
}
