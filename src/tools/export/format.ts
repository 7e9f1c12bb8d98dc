import type { Manifest } from "../../runtime/manifest/manifest.ts";
import type { Installation, PlanEntry } from "../registration/plan.ts";

/** What an export knows beside the plan. */
export interface ExportContext {
  readonly manifest: Manifest;
  readonly installation: Installation;
  /** Begins the names of the files: letters a to z, digits and hyphens. */
  readonly fileName: string;
  /** Where the built add-in is or will be, as an absolute Windows path. */
  readonly folder: string;
}

/** A file of an export. */
export interface ExportedFile {
  readonly fileName: string;
  /** `undo`: takes back what `main` does; `extra`: goes with it. */
  readonly role: "main" | "undo" | "extra";
  readonly content: Uint8Array;
}

/** Turns a plan into files of another tool. Pure: the same plan gives the same bytes. */
export interface ExportFormat {
  /** One line for the help text. */
  readonly summary: string;
  /** Where the format takes a registration back, when it has no file for that. */
  readonly undoHint: string;
  readonly write: (plan: readonly PlanEntry[], context: ExportContext) => readonly ExportedFile[];
  /** What the reader of the files has to know of this very plan. */
  readonly warnings?: (plan: readonly PlanEntry[]) => readonly string[];
}

/** Encodes text as UTF-8 with the line ends of Windows. */
export function utf8(lines: readonly string[]): Uint8Array {
  return Buffer.from(lines.map((line) => `${line}\r\n`).join(""), "utf8");
}

/** As {@link utf8}, with the byte order mark that Windows PowerShell 5.1 knows UTF-8 by. */
export function utf8WithMark(lines: readonly string[]): Uint8Array {
  return Buffer.concat([Buffer.from("\uFEFF", "utf8"), utf8(lines)]);
}
