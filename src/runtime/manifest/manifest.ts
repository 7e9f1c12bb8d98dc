import type { MethodName } from "../native/binding.ts";
import { WsbError } from "../../base/errors.ts";
import { SID } from "../../base/sid.ts";

/** What makes an application an add-in: the ids of its COM class and of that class's AppID. */
export interface AddinIdentity {
  readonly clsid: string;
  readonly appId: string;
}

/** Who may start an add-in and call it. */
export interface AddinSecurity {
  /** SIDs of accounts and groups, canonical, each once; SYSTEM and Administrators among them. */
  readonly allow: readonly string[];
}

/** What happens to services that have stopped when another one does not stop. */
export type OnPreRestoreFailure =
  /** They are started before the caller has its answer. */
  | "startServices"
  /** They stay stopped until the client ends or tries again. */
  | "keepStopped";

/** How much of what happens an add-in keeps on record, below ProgramData. */
export interface AddinLog {
  /** Size at which a file is set aside and a new one begun, in bytes. */
  readonly maxBytes: number;
  /** How many files of that size there may be, the current one included. */
  readonly files: number;
}

/** `wsb-addin.json` as the kit uses it: checked, GUIDs canonical, defaults filled in. */
export interface Manifest {
  /** Name for people, in the registry and in messages. */
  readonly name: string;
  /** Class id of the application's VSS writer, `{UPPER-CASE}`. */
  readonly writerId: string;
  /** What the recovery wizard and wbadmin show; unique on the machine. */
  readonly applicationIdentifier: string;
  /** Absent for an application without an add-in. */
  readonly addin: AddinIdentity | undefined;
  /** Services to stop, in this order, before the first component is restored. */
  readonly services: readonly string[];
  /** Longest time each call may take, services included, in milliseconds. */
  readonly timeoutsMs: Readonly<Record<MethodName, number>>;
  /** Longest time one service may take to stop or to start, in milliseconds. */
  readonly serviceTimeoutMs: number;
  readonly onPreRestoreFailure: OnPreRestoreFailure;
  /** How long a restore may go without a call before its services are started, in milliseconds. */
  readonly abandonAfterMs: number;
  /** How long the server stays after its last client, in milliseconds. */
  readonly lingerMs: number;
  readonly security: AddinSecurity;
  readonly log: AddinLog;
}

/** The manifest of an application that has an add-in. */
export interface AddinManifest extends Manifest {
  readonly addin: AddinIdentity;
}

/** The purpose that needs an add-in, in the words of the message for a manifest without one. */
export interface AddinPurpose {
  /** End of "there is no add-in to …". */
  readonly to: string;
  /** Another way than to add one: end of "Add clsid and appId, or …". */
  readonly instead?: string;
}

/** Tells whether a manifest describes an add-in. */
export function hasAddin(manifest: Manifest): manifest is AddinManifest {
  return manifest.addin !== undefined;
}

/**
 * Requires a manifest to describe an add-in.
 *
 * @param file Path for messages.
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

/** Name of the manifest file, in a project as beside a built `server.js`. */
export const MANIFEST_FILE = "wsb-addin.json";

/** Name of the built server, beside the manifest and the shim. */
export const SERVER_FILE = "server.js";

/** Name of the script that a packed exe has in it, as its stacks have it. */
export const PACKED_SERVER = "server.cjs";

/** Name of the built server's source map, beside it or in the exe. */
export const SERVER_MAP_FILE = "server.js.map";

const second = 1000;
const minute = 60 * second;

/** What a manifest that says nothing about it gets. */
export const MANIFEST_DEFAULTS: Pick<
  Manifest,
  | "timeoutsMs"
  | "serviceTimeoutMs"
  | "onPreRestoreFailure"
  | "abandonAfterMs"
  | "lingerMs"
  | "security"
  | "log"
> = {
  timeoutsMs: {
    preRestore: 15 * minute,
    postRestore: 15 * minute,
    orderComponents: minute,
    isRollForwardSupported: minute,
    checkConsistency: 24 * 60 * minute,
  },
  serviceTimeoutMs: 3 * minute,
  onPreRestoreFailure: "startServices",
  abandonAfterMs: 24 * 60 * minute,
  lingerMs: 5 * second,
  // Those who can run a backup, and nobody else; Exchange's add-in lets in the same three.
  security: { allow: [SID.system, SID.administrators, SID.backupOperators] },
  // A restore of ten components with two services takes about 10 kB.
  log: { maxBytes: 1024 * 1024, files: 5 },
};
