import type { Manifest } from "../../runtime/manifest/manifest.ts";

const missing = {
  declared: "This file does not contain the declared writer, which only VSS can register.",
  service: "This file does not install the service of the writer.",
} as const;

/**
 * Says in a file that it registers no writer; without characters that cmd.exe or XML read.
 *
 * @returns No lines when the application brings its writer.
 */
export function withoutWriter({ writer }: Manifest): readonly string[] {
  if (writer.kind === "external") return [];
  return [
    missing[writer.kind],
    "After it, run: wsb-addin register",
    "To remove everything, run first: wsb-addin unregister",
  ];
}
