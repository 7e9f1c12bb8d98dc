import { showProcess } from "../../../base/process-identity.ts";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Definition } from "../../../base/document/definition.ts";
import { fields } from "../../../base/document/fields.ts";
import { boolean, choice, list, string } from "../../../base/document/kinds.ts";
import { shared } from "../../../base/document/schema.ts";
import { WsbError } from "../../../base/errors.ts";
import {
  openSessionParts,
  openAddinEvents,
  type SessionParts,
} from "../../../runtime/addin/session-parts.ts";
import { emitTo, type EventSink } from "../../../runtime/events/emit.ts";
import { loadManifest } from "../../../runtime/manifest/load.ts";
import {
  MANIFEST_FILE,
  hasAddin,
  type AddinManifest,
  type Manifest,
} from "../../../runtime/manifest/manifest.ts";
import type { NativeBinding } from "../../../runtime/native/binding.ts";
import { readInstallation } from "../../registration/read-installation.ts";
import { planRecovery, type RecoveryPlan } from "../../../runtime/restore/recover.ts";
import { halfRestored } from "../../../runtime/restore/abandoned.ts";
import { owedServices } from "../../../runtime/restore/transitions.ts";
import { open } from "./document.ts";
import { manifestPath } from "./installation.ts";
import { writerIdOf, type WriterOptions } from "./writer.ts";

/** The add-in that a command is about: the installed one, or else the manifest's. */
export interface SessionOwner {
  readonly manifest: AddinManifest;
  readonly parts: SessionParts;
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
}

function installedManifest(binding: NativeBinding, writerId: string): Manifest | undefined {
  const script = readInstallation(binding, writerId)?.serverScript;
  if (script === undefined) return undefined;
  const file = join(dirname(script), MANIFEST_FILE);
  return existsSync(file) ? loadManifest(file) : undefined;
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
  const file = manifestPath(options.manifest);
  const manifest =
    installedManifest(binding, writerIdOf(options)) ??
    (options.writerId === undefined ? loadManifest(file) : undefined);
  if (manifest === undefined || !hasAddin(manifest)) return undefined;
  const emit = emitTo(openAddinEvents(binding, manifest, "cli"), onEvent);
  return { manifest, parts: openSessionParts(binding, manifest, emit, "cli") };
}

const UNDECIDED = { decision: "undecided", force: false } as const;

/** Describes the session that is open, or returns `undefined`. */
export function reportSession({ parts }: SessionOwner): SessionReport | undefined {
  const plan = planRecovery(parts.store.read(), parts.living, UNDECIDED);
  return plan.state === "no session" ? undefined : describeSession(plan);
}

type OpenSession = Exclude<RecoveryPlan, { readonly state: "no session" }>;

export function describeSession({ state, journal }: OpenSession): SessionReport {
  const clients = journal.components.map(({ client }) => showProcess(client));
  return {
    sessionId: journal.sessionId,
    openedAt: journal.openedAt,
    state: state === "in progress" ? state : "abandoned",
    undecided: state === "abandoned",
    clients: [...new Set(clients)],
    halfRestored: halfRestored(journal),
    stoppedServices: owedServices(journal).toReversed(),
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

function adviceLines({
  state,
  undecided,
  halfRestored: components,
}: SessionReport): readonly string[] {
  if (state === "in progress") return [];
  if (!undecided) return ["  To start them: wsb-addin recover"];
  return [
    `  These components may be half restored: ${components.join(", ")}`,
    "  Restore them again, or decide:",
    "    wsb-addin recover --start         starts the services on the files as they are",
    "    wsb-addin recover --keep-stopped  ends the session and leaves the services stopped",
  ];
}

/**
 * Refuses to take an add-in away while it has services stopped.
 *
 * @throws {@link WsbError} `ERR_WSB_CONFLICT`.
 */
export function refuseDuringSession(owner: SessionOwner): void {
  const report = reportSession(owner);
  if (report === undefined) return;
  throw new WsbError(
    "ERR_WSB_CONFLICT",
    `A restore session is open (${report.state}, called by ${report.clients.join(", ")}), and it has stopped: ${report.stoppedServices.join(", ") || "nothing"}; nothing was changed. Let the restore end, or run: wsb-addin recover`,
  );
}
