import { bat } from "./bat.ts";
import { dsc } from "./dsc.ts";
import type { ExportFormat } from "./format.ts";
import { intune } from "./intune.ts";
import { ps1 } from "./ps1.ts";
import { reg } from "./reg.ts";
import { wxs } from "./wxs.ts";

/** The formats of `wsb-addin export`, by name. */
export const EXPORT_FORMATS: Readonly<
  Record<"reg" | "bat" | "ps1" | "wxs" | "intune" | "dsc", ExportFormat>
> = { reg, bat, ps1, wxs, intune, dsc };

export type ExportFormatName = keyof typeof EXPORT_FORMATS;

/** Tells whether a format of that name exists. */
export function isExportFormat(name: string): name is ExportFormatName {
  return Object.hasOwn(EXPORT_FORMATS, name);
}
