import { join } from "node:path";

/** The kit's folder below ProgramData. */
export function kitFolder(): string {
  return join(process.env["ProgramData"] ?? "C:\\ProgramData", "wsb-addin");
}

/** Folder of one add-in below ProgramData: its log and the journal of its restore session. */
export function addinFolder(clsid: string): string {
  return join(kitFolder(), clsid);
}
