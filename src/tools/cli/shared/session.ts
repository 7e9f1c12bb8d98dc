import { showProcess } from "../../../base/process-identity.ts";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Definition } from "../../../base/document/definition.ts";
import { fields } from "../../../base/document/fields.ts";
import { boolean, choice, list, string } from "../../../base/document/kinds.ts";
import { shared } from "../../../base/document/schema.ts";
import { WsbError } from "../../../base/errors.ts";
import { endHooks } from "../../../runtime/addin/end-hooks.ts";
import type { SelfCommand } from "../../../runtime/addin/self-command.ts";
import type { EndHooks } from "../../../runtime/restore/settle.ts";
import { openSessionParts, type SessionParts } from "../../../runtime/addin/session-parts.ts";
import type { EventSink } from "../../../runtime/events/emit.ts";
import { loadManifest } from "../../../runtime/manifest/load.ts";
import {
  MANIFEST_DEFAULTS,
  MANIFEST_FILE,
  SERVER_FILE,
  hasAddin,
  type AddinManifest,
  type Manifest,
} from "../../../runtime/manifest/manifest.ts";
import type { NativeBinding } from "../../../runtime/native/binding.ts";
import { writerKey } from "../../registration/keys.ts";
import { readClsid, readInstallation } from "../../registration/read-installation.ts";
import { decodeString } from "../../registration/registry-value.ts";
import { halfRestored, owedNames, type Session } from "../../../runtime/restore/journal/session.ts";
import {
  givenUp,
  planRecovery,
  recoverSession,
  type RecoverChoice,
  type RecoveryState,
} from "../../../runtime/restore/recover.ts";
import { open } from "./document.ts";
import { manifestPath } from "./installation.ts";
import { writerIdOf, type WriterOptions } from "./writer.ts";
import { ownCommand } from "../../../base/own-command.ts";

/** The add-in that a command is about: the installed one, or else the manifest's. */
export interface SessionOwner {
  readonly manifest: AddinManifest;
  readonly parts: SessionParts;
  readonly endHooks: EndHooks;
}

/** What a command says of a restore session that is open. */
export interface SessionReport {
  readonly sessionId: string;
  readonly openedAt: string;
  /** `abandoned`: nobody will finish it. */
  readonly state: "in progress" | "abandoned";
  readonly clients: readonly string[];
  /** The services stay stopped until somebody decides: files may be half restored. */
  readonly undecided: boolean;
  /** Components whose files may be half restored. */
  readonly halfRestored: readonly string[];
  /** Services that the kit has stopped and not started again. */
  readonly stoppedServices: readonly string[];
  /** What is wrong with the session's journal. */
  readonly damage?: string;
}

/** The manifest beside the installed server; `undefined` when there is none that can be read. */
export function manifestBeside(script: string | undefined): Manifest | undefined {
  if (script === undefined) return undefined;
  const file = join(dirname(script), MANIFEST_FILE);
  if (!existsSync(file)) return undefined;
  try {
    return loadManifest(file);
  } catch {
    // Its session still has its own choices, and may have services stopped.
    return undefined;
  }
}

/** Stands for the manifest of an add-in whose files are gone: its session has its own choices. */
function manifestOf(binding: NativeBinding, writerId: string): Manifest {
  const found = binding.readRegistryValue(writerKey(writerId), "Application Identifier");
  const name = decodeString(found) ?? writerId;
  return {
    ...MANIFEST_DEFAULTS,
    name,
    writerId,
    applicationIdentifier: name,
    services: [],
    addin: undefined,
  };
}

/** The manifest of the registered add-in, with the class that is registered whatever it says now. */
function registeredManifest(
  binding: NativeBinding,
  options: WriterOptions,
): AddinManifest | undefined {
  const writerId = writerIdOf(options);
  const clsid = readClsid(binding, writerId);
  const file = manifestPath(options.manifest);
  const own = (): Manifest | undefined =>
    options.writerId === undefined ? loadManifest(file) : undefined;
  if (clsid === undefined) {
    const manifest = own();
    return manifest !== undefined && hasAddin(manifest) ? manifest : undefined;
  }
  const manifest =
    manifestBeside(readInstallation(binding, writerId)?.serverScript) ??
    own() ??
    manifestOf(binding, writerId);
  return { ...manifest, addin: { clsid, appId: manifest.addin?.appId ?? clsid } };
}

/** A restore session that is open, in a document. */
export const sessionDefinition: Definition<SessionReport> = shared(
  "session",
  fields(
    {
      sessionId: string.about("Id of the session."),
      openedAt: string.about("ISO 8601, UTC."),
      state: choice(["in progress", "abandoned"]).about(
        "abandoned: nobody will finish it, and services may be stopped.",
      ),
      clients: list(string).about("Programs that call the add-in, with their process ids."),
      undecided: boolean.about(
        "true: the services stay stopped until somebody decides, because files may be half restored.",
      ),
      halfRestored: list(string).about("Components whose files may be half restored."),
      stoppedServices: list(string).about("Services that were stopped and not started again."),
      damage: string
        .about("What is wrong with the session's journal; stoppedServices may then name too many.")
        .optional(),
    },
    open,
  ).about("A restore session that is open."),
);

/**
 * Finds the add-in; `undefined` for an application without one and for one that is not here.
 *
 * @param onEvent Receives what happens to its session, besides the add-in's own events.
 */
export function findSessionOwner(
  binding: NativeBinding,
  options: WriterOptions,
  onEvent: EventSink = () => {},
): SessionOwner | undefined {
  const manifest = registeredManifest(binding, options);
  if (manifest === undefined) return undefined;
  const parts = openSessionParts({ api: binding, manifest, role: "cli", onEvent });
  const command = serverCommandOf(binding, manifest);
  const hooks = endHooks({ api: binding, emit: parts.emit, manifest, command });
  return { manifest, parts, endHooks: hooks };
}

/** How to start the installed server; without one, its handlers cannot be asked. */
function serverCommandOf(binding: NativeBinding, { writerId }: Manifest): SelfCommand {
  const { nodeExe, serverScript } = readInstallation(binding, writerId) ?? {
    nodeExe: process.execPath,
    serverScript: SERVER_FILE,
  };
  return { program: nodeExe, args: serverScript === undefined ? [] : [serverScript] };
}

const UNDECIDED = { decision: "undecided", force: false } as const;

/** A session that is open, and what recovering would do about it. */
export interface PlannedSession {
  readonly session: Session;
  readonly state: RecoveryState;
}

/** Returns what recovering would do now; `undefined` when no session is open. */
export function planSession(
  { parts }: SessionOwner,
  chosen: RecoverChoice,
): PlannedSession | undefined {
  const session = parts.store.peek();
  if (session === undefined) return undefined;
  const given = session.with(givenUp(session, parts.living, chosen));
  return { session: given, state: planRecovery(given, parts.living, chosen) };
}

/** Describes the session that is open, or returns `undefined`. */
export function reportSession(owner: SessionOwner): SessionReport | undefined {
  const planned = planSession(owner, UNDECIDED);
  return planned && describeSession(planned);
}

export function describeSession({ session, state }: PlannedSession): SessionReport {
  const clients = session.components.all.map(({ client }) => showProcess(client));
  return {
    sessionId: session.sessionId,
    openedAt: session.openedAt,
    state: state === "in progress" ? state : "abandoned",
    undecided: state === "abandoned",
    clients: [...new Set(clients)],
    halfRestored: halfRestored(session),
    stoppedServices: owedNames(session).toReversed(),
    ...(session.damage === undefined ? {} : { damage: session.damage }),
  };
}

/** Returns the report for people. */
export function sessionLines(report: SessionReport): readonly string[] {
  const { openedAt, state, clients, stoppedServices } = report;
  return [
    `Restore session since ${openedAt}, ${state}: called by ${clients.join(", ") || "nobody"}.`,
    `  Stopped services: ${stoppedServices.join(", ") || "none"}`,
    ...adviceLines(report),
  ];
}

/** What a person can do about a session, in lines. */
export function adviceLines({
  state,
  undecided,
  halfRestored: components,
  damage,
}: SessionReport): readonly string[] {
  if (state === "in progress") return [`  ${endAnyway()}`];
  if (!undecided) return [`  To start them: ${ownCommand("recover")}`];
  return [
    ...(damage === undefined ? [] : [`  Not all is known, because ${damage}.`]),
    `  These components may be half restored: ${components.join(", ") || "unknown"}`,
    // With a damaged journal, every call of a restore fails.
    damage === undefined
      ? "  Restore them again, or decide:"
      : "  Look at the files of the last restore, then decide:",
    `    ${ownCommand("recover --start")}         starts the services on the files as they are`,
    `    ${ownCommand("recover --keep-stopped")}  ends the session and leaves the services stopped`,
  ];
}

/**
 * Makes sure that no restore session is open when an add-in is taken away or changed. An interrupted
 * one whose files are whole is ended as `recover` does; one that is abandoned ends with its services
 * stopped.
 *
 * @param warn Told what stays stopped.
 * @throws {@link WsbError} `ERR_WSB_CONFLICT` while a restore is in progress; nothing was changed.
 */
export async function endSessionBeforeChange(
  { parts, endHooks: hooks }: SessionOwner,
  warn: (text: string) => void,
): Promise<void> {
  if (parts.store.peek() === undefined) return;
  const options = { ...parts, endHooks: hooks };
  const outcome = await recoverSession({ ...options, ...UNDECIDED });
  if (outcome.state === "in progress") throw inProgress(describeSession(outcome));
  if (outcome.state === "services stopped") {
    throw new WsbError("ERR_WSB_SERVICE", `${outcome.text} Nothing else was changed.`);
  }
  if (outcome.state !== "abandoned") return;
  const kept = await recoverSession({ ...options, decision: "keepStopped", force: false });
  if (kept.state !== "kept stopped") return;
  const names = kept.stopped.map(({ name }) => name).join(", ") || "none";
  warn(
    `A restore session was abandoned. It was ended, and its services stay stopped: ${names}. Look at the files of the last restore before you start them.`,
  );
}

/**
 * Says what {@link endSessionBeforeChange} would do, and changes nothing.
 *
 * @throws {@link WsbError} `ERR_WSB_CONFLICT` while a restore is in progress.
 */
export function previewSessionEnd(owner: SessionOwner, note: (text: string) => void): void {
  const planned = planSession(owner, UNDECIDED);
  if (planned === undefined) return;
  const report = describeSession(planned);
  if (planned.state === "in progress") throw inProgress(report);
  const names = report.stoppedServices.join(", ") || "none";
  note(
    planned.state === "start"
      ? `An interrupted restore session would be ended, and its services started: ${names}.`
      : `An abandoned restore session would be ended, and its services would stay stopped: ${names}.`,
  );
}

/** The error of a command that does not end a session whose client runs. */
export function inProgress({ clients, stoppedServices }: SessionReport): WsbError {
  return new WsbError(
    "ERR_WSB_CONFLICT",
    `A restore is in progress, called by ${clients.join(", ")}, and it has stopped: ${stoppedServices.join(", ") || "nothing"}; nothing was changed. Let the restore end. ${endAnyway()}`,
  );
}

/** What ends a session whose client runs on after its restore was cancelled. */
function endAnyway(): string {
  return `If you are sure that no restore runs, look at its files, then start the services with "${ownCommand("recover --force --start")}", or leave them stopped with "${ownCommand("recover --force --keep-stopped")}".`;
}
