import type { Manifest } from "../../runtime/manifest/manifest.ts";

/**
 * Says in a file that it registers no declared writer; without characters that cmd.exe or XML read.
 *
 * @returns No lines when the application brings its writer.
 */
export function withoutDeclaredWriter({ writer }: Manifest): readonly string[] {
  if (writer.kind !== "declared") return [];
  return [
    "This file does not contain the declared writer, which only VSS can register.",
    "After it, run: wsb-addin register",
    "To remove everything, run first: wsb-addin unregister",
  ];
}
