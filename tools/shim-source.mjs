// Copies the shim's source to dist/shim-source/ for add-ins that build their own shim.
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const parts = ["CMakeLists.txt", "cmake", "idl", "messages", "src"];

/** Copies the sources of the shim and writes their version. */
export function copyShimSource(root, to) {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  for (const part of parts) {
    cpSync(join(root, "native", part), join(to, part), { recursive: true });
  }
  const fields = JSON.parse(readFileSync(join(root, "native", "package.json"), "utf8"));
  writeFileSync(
    join(to, "package.json"),
    `${JSON.stringify({ ...fields, wsbAddinShim: version }, undefined, 2)}\n`,
  );
}
