import type { Definition, TypeOf } from "../../base/document/definition.ts";
import { fields } from "../../base/document/fields.ts";
import { choice, integer, list, string } from "../../base/document/kinds.ts";
import { guid, milliseconds, schemaField } from "../../base/document/parts.ts";
import { INVALID, type Invalid, type Place } from "../../base/document/place.ts";
import { shared } from "../../base/document/schema.ts";
import { MANIFEST_DEFAULTS, type Manifest } from "./manifest.ts";
import { identifierRule, serviceNameRule } from "./rules.ts";
import { principals } from "./security.ts";
import { checkWriter, writerDefinition } from "./writer-definition.ts";

// A shorter time would end a restore between two calls.
const MIN_ABANDON_MS = 1000;
// Limits of the event files: a single line must fit into a file, and all files must not fill a
// disk.
const MIN_LOG_BYTES = 64 * 1024;
const MAX_LOG_BYTES = 1024 * 1024 * 1024;
const MAX_LOG_FILES = 100;

const defaults = MANIFEST_DEFAULTS;

const identifier = shared(
  "text",
  string
    .check(identifierRule, {
      minLength: 1,
      maxLength: 256,
      pattern:
        "^[^\\s\\u0000-\\u001F\\u007F-\\u009F](?:[^\\u0000-\\u001F\\u007F-\\u009F]*[^\\s\\u0000-\\u001F\\u007F-\\u009F])?$",
    })
    .about("1 to 256 UTF-16 characters, no control characters, no white space at either end."),
);

const id = shared("guid", guid);

const serviceName = string.check(serviceNameRule, {
  minLength: 1,
  maxLength: 256,
  pattern: "^[^/\\\\\\u0000-\\u001F]*$",
});

const timeoutMs = shared(
  "timeoutMs",
  milliseconds(1).about("Milliseconds, at most the longest delay of a JavaScript timer."),
);

const timeouts = fields({
  preRestore: timeoutMs.or(defaults.timeoutsMs.preRestore),
  postRestore: timeoutMs.or(defaults.timeoutsMs.postRestore),
  orderComponents: timeoutMs.or(defaults.timeoutsMs.orderComponents),
  isRollForwardSupported: timeoutMs.or(defaults.timeoutsMs.isRollForwardSupported),
  checkConsistency: timeoutMs
    .about("Limit of the whole check.")
    .or(defaults.timeoutsMs.checkConsistency),
  beforeServicesStop: timeoutMs
    .about("Limit within the limit of preRestore.")
    .or(defaults.timeoutsMs.beforeServicesStop),
  afterServicesStart: timeoutMs
    .about("Limit within the limit of postRestore; by itself after an interrupted restore.")
    .or(defaults.timeoutsMs.afterServicesStart),
  restoreAbandoned: timeoutMs.or(defaults.timeoutsMs.restoreAbandoned),
});

const security = fields({
  allow: principals.or(defaults.security.allow, ["SYSTEM", "Administrators", "Backup Operators"]),
});

const log = fields({
  maxBytes: integer({ least: MIN_LOG_BYTES, most: MAX_LOG_BYTES, unit: "bytes" })
    .about("Size in bytes at which a file is rotated; default 1 MiB.")
    .or(defaults.log.maxBytes),
  files: integer({ least: 1, most: MAX_LOG_FILES, unit: "files" })
    .about("Number of files of that size, including the current file; default 5.")
    .or(defaults.log.files),
});

const file = fields(
  {
    $schema: schemaField,
    name: identifier.about("Display name, in the registry and in messages.", {
      examples: ["Contoso Ledger"],
    }),
    writerId: id.about(
      "Class id of the application's VSS writer, as `vssadmin list writers` shows it.",
    ),
    writer: writerDefinition
      .about(
        "Who brings the writer with that id: the application (external, the default), or wsb-addin, from the components listed here: declared registers them with Windows, without a process; service runs a writer with handlers in a Windows service.",
      )
      .or(defaults.writer),
    applicationIdentifier: identifier.about(
      "Name in the recovery wizard and wbadmin; unique on the machine, not localized.",
      { examples: ["Contoso Ledger"] },
    ),
    clsid: id
      .about(
        "Class id of the add-in's COM class. Omit it and appId for an application without an add-in.",
      )
      .optional(),
    appId: id.about("Id of the COM application of the class.").optional(),
    services: list(serviceName, { of: "service names", distinctBy: (name) => name.toUpperCase() })
      .about(
        "Services to stop, in this order, before the first component is restored, and to start again after the last. Service names, not display names.",
        { examples: [["ContosoLedger"]] },
      )
      .or([]),
    timeoutsMs: timeouts
      .about(
        "Time limit of each handler in milliseconds; for a call of Windows Server Backup, including the time to stop and start services.",
      )
      .or(defaults.timeoutsMs, {}),
    serviceTimeoutMs: timeoutMs
      .about("Time limit for one service to stop or to start, in milliseconds; default 3 minutes.")
      .or(defaults.serviceTimeoutMs),
    onPreRestoreFailure: choice(["startServices", "keepStopped"], {
      restart: "startServices",
      leave: "keepStopped",
    })
      .about(
        "What to do with the services that are already stopped when another service fails to stop: startServices starts them before the call returns, keepStopped keeps them stopped until the client ends or tries again. restart and leave are the old names.",
      )
      .or(defaults.onPreRestoreFailure),
    onFailure: choice(["restart", "leave"])
      .about("Old name of onPreRestoreFailure.", { deprecated: true })
      .optional(),
    onAbandonedRestore: choice(["keepStopped", "startServices"])
      .about(
        "What to do with the services of a restore that is interrupted after a successful PreRestore, so that files may be half restored: keepStopped keeps them stopped until the same components are restored again or an administrator decides with wsb-addin recover; startServices starts them.",
      )
      .or(defaults.onAbandonedRestore),
    abandonAfterMs: milliseconds(MIN_ABANDON_MS)
      .about(
        "Time without a call after which the restore of a client that Windows cannot identify is abandoned, in milliseconds; default 24 hours.",
      )
      .or(defaults.abandonAfterMs),
    lingerMs: milliseconds(0)
      .about(
        "Time that the server keeps running after its last client, in milliseconds; default 5 seconds.",
      )
      .or(defaults.lingerMs),
    security: security
      .about("Accounts that may start and call the add-in, from this machine only.")
      .or(defaults.security, {}),
    log: log.about("Limits of the event files, which are below ProgramData.").or(defaults.log, {}),
  },
  {
    together: ["clsid", "appId"],
    apart: {
      names: ["onFailure", "onPreRestoreFailure"],
      rule: "is the old name of onPreRestoreFailure, which is set too; remove onFailure",
    },
  },
);

const meantByOnFailure = { restart: "startServices", leave: "keepStopped" } as const;

/** Converts the fields of a file to a manifest. */
function toManifest(
  { clsid, appId, onFailure, ...settings }: TypeOf<typeof file>,
  place: Place,
): Manifest | Invalid {
  const addin = clsid === undefined || appId === undefined ? undefined : { clsid, appId };
  const { writer, name, writerId } = settings;
  if (checkWriter(writer, { name, writerId, hasAddin: addin !== undefined }, place) === INVALID) {
    return INVALID;
  }
  return {
    ...settings,
    addin,
    ...(onFailure !== undefined && { onPreRestoreFailure: meantByOnFailure[onFailure] }),
  };
}

/** The definition of `wsb-addin.json`. */
export const manifestDefinition: Definition<Manifest> = file.map(toManifest);
