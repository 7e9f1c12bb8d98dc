/** Reads the journal of release 0.1.0, which was one JSON text, so that its session can be ended. */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { WsbError, errorText } from "../../../base/errors.ts";
import { addinFolder, kitFolder } from "../../../base/program-data.ts";
import { isForeign } from "../../native/foreign.ts";
import {
  readProtected,
  requireProtectedFolder,
  type InspectionApi,
} from "../../native/protected-file.ts";
import { damagedSession, type Stored } from "./found.ts";
import { SessionFold } from "./session.ts";
import { JOURNAL_VERSION, readStep, type Step } from "./step.ts";

/** A session that release 0.1.0 left open, as steps of this version. */
export interface OldJournal {
  readonly steps: readonly Step[];
  readonly session: SessionFold;
}

// A session of 10,000 components with names of a thousand characters; what is larger is no journal.
const MAX_BYTES = 64 * 1024 * 1024;

/** The journals that release 0.1.0 left on the machine. */
export interface OldJournals {
  /** Path of an add-in's journal, for messages. */
  path(clsid: string): string;
  /**
   * Returns its text; `undefined` when there is none, or somebody else could have written it.
   *
   * @throws {@link WsbError} `ERR_WSB_JOURNAL` when it cannot be read.
   */
  read(clsid: string): string | undefined;
  /** Removing one that does not exist succeeds. */
  remove(clsid: string): void;
  /** The class ids of add-ins that may have one. */
  list(): readonly string[];
}

/** The journals of release 0.1.0 below ProgramData. */
export function oldJournalsOn(api: InspectionApi): OldJournals {
  return {
    path: oldJournalPath,
    read: (clsid) => readOldText(api, oldJournalPath(clsid)),
    remove: (clsid) => rmSync(oldJournalPath(clsid), { force: true }),
    list: () => addinFolders(api),
  };
}

function oldJournalPath(clsid: string): string {
  return join(addinFolder(clsid), "session.json");
}

function addinFolders(api: InspectionApi): readonly string[] {
  try {
    requireProtectedFolder(api, kitFolder());
    return readdirSync(kitFolder()).filter((name) => name.startsWith("{"));
  } catch {
    // Without a folder of the kit's own, no add-in has ever had a session.
    return [];
  }
}

const FILE_TOO_LARGE = 0x800700df;

function readOldText(api: InspectionApi, file: string): string | undefined {
  try {
    const bytes = readProtected(api, file, MAX_BYTES);
    return bytes && Buffer.from(bytes).toString("utf8");
  } catch (error) {
    if (isForeign(error)) return undefined;
    if (error instanceof WsbError && error.hresult === FILE_TOO_LARGE) return "";
    throw new WsbError(
      "ERR_WSB_JOURNAL",
      `Cannot read the journal ${file}: ${errorText(error)}. Run the command from an elevated prompt.`,
      { cause: error },
    );
  }
}

/**
 * Reads the journal that release 0.1.0 left; `undefined` when there is none.
 *
 * @throws {@link WsbError} `ERR_WSB_JOURNAL` when it cannot be read.
 */
export function readOldJournal(
  old: OldJournals,
  stored: Pick<Stored, "clsid" | "settings">,
): OldJournal | undefined {
  const text = old.read(stored.clsid);
  return text === undefined ? undefined : parseOldJournal(text, stored);
}

/** Turns the text of a journal of 0.1.0 into steps; one that is damaged tells of its damage. */
export function parseOldJournal(
  text: string,
  { clsid, settings }: Pick<Stored, "clsid" | "settings">,
): OldJournal {
  const step = readStep(toStep(parse(text), { ...settings, onAbandonedRestore: "keepStopped" }));
  const session = step && SessionFold.of([step]);
  if (step !== undefined && session?.clsid === clsid) return { steps: [step], session };
  const stored = { clsid, settings, mark: undefined, contents: undefined };
  const reason = "the journal of release 0.1.0 is damaged";
  return { steps: [], session: damagedSession(stored, undefined, reason) };
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) && value["schemaVersion"] === 1 ? value : {};
  } catch {
    return {};
  }
}

/** A record with the same meaning; its fields are checked like those of every record. */
function toStep(old: Fields, settings: Stored["settings"]): object {
  const { sessionId, clsid, server, openedAt, phase, services, components } = old;
  const opened = { type: "opened", version: JOURNAL_VERSION, sessionId, clsid, server, settings };
  const progress = Array.isArray(components) ? components.map(toChange) : [{}];
  return {
    at: openedAt,
    changes: [opened, { type: "services", services }, ...progress, { type: "phase", phase }],
  };
}

function toChange(component: unknown): unknown {
  if (!isFields(component)) return component;
  const { phase, outcome } = component;
  // 0.1.0 gave up a component whose PreRestore had not succeeded with the same word.
  const isUntouched = phase === "abandoned" && outcome !== "ok";
  return { type: "component", ...component, ...(isUntouched && { phase: "finished" }) };
}
