import type { Manifest } from "../../runtime/manifest/manifest.ts";
import type { Installation, PlanEntry } from "../registration/plan.ts";

/** The input of an export besides the plan. */
export interface ExportContext {
  readonly manifest: Manifest;
  readonly installation: Installation;
  /** The start of the files' names: letters a to z, digits and hyphens. */
  readonly fileName: string;
  /** The folder of the built add-in on the target machine, an absolute Windows path. */
  readonly folder: string;
}

/** A file of an export. */
export interface ExportedFile {
  readonly fileName: string;
  /** `main` registers, `undo` removes the registration, `extra` accompanies them. */
  readonly role: "main" | "undo" | "extra";
  readonly content: Uint8Array;
}

/** A converter from a plan to files of another tool. Pure: the same plan gives the same bytes. */
export interface ExportFormat {
  /** A line for the help text. */
  readonly summary: string;
  /** How to remove the registration, when the format has no file for that. */
  readonly undoHint: string;
  readonly write: (plan: readonly PlanEntry[], context: ExportContext) => readonly ExportedFile[];
  /** Whether it registers a declared writer too, which only VSS can do. */
  readonly registersWriter?: true;
  /** Returns warnings about this plan for the user of the files. */
  readonly warnings?: (plan: readonly PlanEntry[]) => readonly string[];
}

/** Encodes text as UTF-8 with Windows line ends. */
export function utf8(lines: readonly string[]): Uint8Array {
  return Buffer.from(lines.map((line) => `${line}\r\n`).join(""), "utf8");
}

/** Encodes text like {@link utf8}, with the byte order mark that Windows PowerShell 5.1 needs. */
export function utf8WithMark(lines: readonly string[]): Uint8Array {
  return Buffer.concat([Buffer.from("\uFEFF", "utf8"), utf8(lines)]);
}
