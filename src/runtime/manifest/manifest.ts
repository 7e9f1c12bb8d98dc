import { WsbError } from "../../base/errors.ts";
import type { HandlerName } from "../../base/handler-name.ts";
import { SID } from "../../base/sid.ts";
import type { Writer } from "./writer.ts";

/** The ids of an add-in's COM class and of its AppID. */
export interface AddinIdentity {
  readonly clsid: string;
  readonly appId: string;
}

/** The accounts that may start and call an add-in. */
export interface AddinSecurity {
  /**
   * Canonical SIDs of accounts and groups, without duplicates, SYSTEM and Administrators included.
   */
  readonly allow: readonly string[];
}

/** The treatment of services that are already stopped when another service fails to stop. */
export type OnPreRestoreFailure =
  /** They are started before the call returns. */
  | "startServices"
  /** They stay stopped until the client ends or tries again. */
  | "keepStopped";

/** The treatment of services when a restore is abandoned after a successful PreRestore. */
export type OnAbandonedRestore =
  /** They stay stopped until the same components are restored again or an administrator decides. */
  | "keepStopped"
  /** They start, on files that may be half restored. */
  | "startServices";

/** The limits of an add-in's event files below ProgramData. */
export interface AddinLog {
  /** The size at which a file is rotated, in bytes. */
  readonly maxBytes: number;
  /** The number of files of that size, including the current file. */
  readonly files: number;
}

/** The checked contents of `wsb-addin.json`, with canonical GUIDs and defaults. */
export interface Manifest {
  /** The display name, in the registry and in messages. */
  readonly name: string;
  /** The class id of the application's VSS writer, `{UPPER-CASE}`. */
  readonly writerId: string;
  /** Who brings that writer; of the kit's own kinds, what it reports. */
  readonly writer: Writer;
  /** The name in the recovery wizard and wbadmin; unique on the machine. */
  readonly applicationIdentifier: string;
  /** Absent for an application without an add-in. */
  readonly addin: AddinIdentity | undefined;
  /** Services to stop, in this order, before the first component is restored. */
  readonly services: readonly string[];
  /** The time limit of each handler, of a COM call including its services, in milliseconds. */
  readonly timeoutsMs: Readonly<Record<HandlerName, number>>;
  /** The time limit for one service to stop or to start, in milliseconds. */
  readonly serviceTimeoutMs: number;
  readonly onPreRestoreFailure: OnPreRestoreFailure;
  readonly onAbandonedRestore: OnAbandonedRestore;
  /**
   * The time without a call after which the restore of a client that Windows cannot identify is
   * abandoned, in milliseconds.
   */
  readonly abandonAfterMs: number;
  /** The time that the server keeps running after its last client, in milliseconds. */
  readonly lingerMs: number;
  readonly security: AddinSecurity;
  readonly log: AddinLog;
}

/** The manifest of an application that has an add-in. */
export interface AddinManifest extends Manifest {
  readonly addin: AddinIdentity;
}

/** The purpose that needs an add-in, for the message about a manifest without one. */
export interface AddinPurpose {
  /** The end of "there is no add-in to …". */
  readonly to: string;
  /** An alternative: the end of "Add clsid and appId, or …". */
  readonly instead?: string;
}

/** Tells whether a manifest describes an add-in. */
export function hasAddin(manifest: Manifest): manifest is AddinManifest {
  return manifest.addin !== undefined;
}

/**
 * Requires a manifest to describe an add-in.
 *
 * @param file The manifest's path, for messages.
 * @throws {@link WsbError} `ERR_WSB_INVALID_MANIFEST` for an application without an add-in.
 */
export function requireAddin(
  manifest: Manifest,
  file: string,
  { to, instead }: AddinPurpose,
): AddinManifest {
  if (hasAddin(manifest)) return manifest;
  const otherwise = instead === undefined ? "" : `, or ${instead}`;
  throw new WsbError(
    "ERR_WSB_INVALID_MANIFEST",
    `${file} has no clsid, so there is no add-in to ${to}. Add clsid and appId${otherwise}.`,
  );
}

/** The name of the manifest file, in a project and beside a built `server.js`. */
export const MANIFEST_FILE = "wsb-addin.json";

/** The name of the built server, beside the manifest and the shim. */
export const SERVER_FILE = "server.js";

/** The name of the built writer of a service, beside the manifest and the shim. */
export const WRITER_FILE = "writer.js";

/** The name of the script in a packed exe, as stacks show it. */
export const PACKED_SERVER = "server.cjs";

/** The name of the built server's source map, beside the server or in the exe. */
export const SERVER_MAP_FILE = "server.js.map";

const second = 1000;
const minute = 60 * second;

/** The values of fields that a manifest omits. */
export const MANIFEST_DEFAULTS: Pick<
  Manifest,
  | "writer"
  | "timeoutsMs"
  | "serviceTimeoutMs"
  | "onPreRestoreFailure"
  | "onAbandonedRestore"
  | "abandonAfterMs"
  | "lingerMs"
  | "security"
  | "log"
> = {
  writer: { kind: "external" },
  timeoutsMs: {
    preRestore: 15 * minute,
    postRestore: 15 * minute,
    orderComponents: minute,
    isRollForwardSupported: minute,
    checkConsistency: 24 * 60 * minute,
    beforeServicesStop: 5 * minute,
    afterServicesStart: 5 * minute,
    restoreAbandoned: 5 * minute,
  },
  serviceTimeoutMs: 3 * minute,
  onPreRestoreFailure: "startServices",
  onAbandonedRestore: "keepStopped",
  abandonAfterMs: 24 * 60 * minute,
  lingerMs: 5 * second,
  // Only accounts that can run a backup. Exchange's add-in allows the same three.
  security: { allow: [SID.system, SID.administrators, SID.backupOperators] },
  // A restore of ten components with two services takes about 10 kB.
  log: { maxBytes: 1024 * 1024, files: 5 },
};
