import { join } from "node:path";

/** Returns the kit's folder below ProgramData. */
export function kitFolder(): string {
  return join(process.env["ProgramData"] ?? "C:\\ProgramData", "wsb-addin");
}

/** Returns the add-in's folder below ProgramData, with its events and its restore journal. */
export function addinFolder(clsid: string): string {
  return join(kitFolder(), clsid);
}
