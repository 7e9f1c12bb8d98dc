import { join } from "node:path";

/** The kit's folder below ProgramData. */
export function kitFolder(): string {
  return join(process.env["ProgramData"] ?? "C:\\ProgramData", "wsb-addin");
}
