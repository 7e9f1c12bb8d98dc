import type { EventLine } from "../../runtime/events/definitions.ts";
import type { Condition } from "../registration/condition.ts";
import type { Installation } from "../registration/plan.ts";
import type { Manifest } from "../../runtime/manifest/manifest.ts";
import type { NativeBinding } from "../../runtime/native/binding.ts";
import type { WriterInstance } from "../../base/vss-writers.ts";

/** The verdicts of a check, best first. */
export const VERDICTS = ["not applicable", "ok", "unknown", "warn", "fail"] as const;

export type Verdict = (typeof VERDICTS)[number];

/** What a check found. */
export interface Finding {
  readonly verdict: Verdict;
  /** What was found, in sentences. */
  readonly found: string;
  /** What to do, in sentences; absent if there is nothing to do. */
  readonly advice?: string;
  /** Whether an elevated prompt would show what could not be seen. */
  readonly needsElevation?: true;
}

/** What the programs of Windows say, each asked once. */
export interface WindowsPrograms {
  /** Runs `vssadmin list writers`. @throws {@link WsbError} if it fails. */
  readonly writers: () => Promise<readonly WriterInstance[]>;
  /** Returns the volumes that `wbadmin enable backup` shows; `undefined` without a schedule. */
  readonly scheduledVolumes: () => Promise<readonly string[] | undefined>;
}

/** The machine that is examined. */
export interface DoctorMachine {
  readonly api: NativeBinding;
  readonly programs: WindowsPrograms;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/** A value that is not as it was registered. */
export interface ChangedValue {
  readonly key: string;
  readonly name: string;
  readonly expected: string;
  readonly found: string;
}

/** What a registration comes to. */
export interface RegistrationFacts {
  readonly condition: Condition;
  readonly drift: readonly ChangedValue[];
  /** What is wrong with the declared writer, or the writer's service, in sentences. */
  readonly writer?: readonly string[];
  /** What others than administrators could change. */
  readonly warnings: readonly string[];
}

/** A restore session that is open. */
export interface OpenSession {
  readonly state: "in progress" | "abandoned";
  readonly openedAt: string;
  readonly stoppedServices: readonly string[];
  /** What a person can do, in lines. */
  readonly lines: readonly string[];
}

/** The application that is examined, with its add-in if it has one. */
export interface DoctorAddin {
  readonly name: string;
  readonly writerId: string;
  /** Absent for an application without an add-in. */
  readonly clsid: string | undefined;
  /** The manifest of the installed add-in, or of this project; absent if it cannot be read. */
  readonly manifest: Manifest | undefined;
  /** Absent if no add-in of the kit is registered. */
  readonly installation: Installation | undefined;
  readonly registration: () => Promise<RegistrationFacts>;
  readonly session: () => OpenSession | undefined;
  /** Returns the add-in's events, oldest first. @throws {@link WsbError} if they cannot be read. */
  readonly events: () => readonly EventLine[];
  /**
   * Folders of the files of the writer's components: of the document of `--metadata`, or of the
   * manifest; absent without both.
   */
  readonly componentPaths: readonly string[] | undefined;
  /** Returns what a person types here to run a command for this application. */
  readonly command: (command: string) => string;
}

interface CheckFields {
  /** Stable: programs decide by it. */
  readonly id: string;
  readonly title: string;
  /** Why it matters, in sentences. */
  readonly why: string;
}

/** A check of the machine, made once. */
export interface MachineCheck extends CheckFields {
  readonly about: "machine";
  /** Why Wine has nothing to check; absent for a check that works there. */
  readonly absentInWine?: string;
  readonly run: (machine: DoctorMachine) => Finding | Promise<Finding>;
}

/** A check of each application. */
export interface AddinCheck extends CheckFields {
  readonly about: "application";
  readonly absentInWine?: string;
  /** Whether an application without an add-in has nothing to check. */
  readonly needsAddin?: true;
  readonly run: (addin: DoctorAddin, machine: DoctorMachine) => Finding | Promise<Finding>;
}

export type Check = MachineCheck | AddinCheck;

/** Returns the finding that everything is right. */
export function ok(found: string): Finding {
  return { verdict: "ok", found };
}

/** Returns the finding that there is nothing to check here. */
export function notApplicable(found: string): Finding {
  return { verdict: "not applicable", found };
}

/** Returns the finding of what only an elevated prompt can see. */
export function notVisible(what: string): Finding {
  return {
    verdict: "unknown",
    found: `${what} can only be seen from an elevated prompt.`,
    advice: "Run this command from an elevated prompt.",
    needsElevation: true,
  };
}
