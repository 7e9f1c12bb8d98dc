import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { labFolder } from "../../../src/tools/lab/folder.ts";
import { wineProgram } from "../../../src/tools/lab/wine.ts";
import { repository } from "../../generator/generator.ts";

const VERSION = "22.23.2";

/** Tells whether this Windows or Wine runs 32-bit programs; Debian's Wine does with wine32. */
const runs32Bit = process.platform === "win32" || existsSync(join(dirname(wineProgram()), "wine"));

/** Tells whether a 32-bit node.exe can be tested: Windows runs it, and its shim was built. */
export const hasIa32: boolean =
  runs32Bit && existsSync(join(repository, "prebuilds", "win32-ia32", "wsb-addin.node"));

/** Returns the path of a 32-bit node.exe on this machine; npm downloads it the first time. */
export function fetchNodeX86(): string {
  const folder = join(labFolder(), "node", `${VERSION}-ia32`);
  const program = join(folder, "node_modules", "node-win-x86", "bin", "node.exe");
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  // --force, because the package is only for win32.
  const quiet = "--no-save --no-package-lock --ignore-scripts --no-audit --no-fund";
  const command = `npm install --force ${quiet} node-win-x86@${VERSION}`;
  const { status, stderr } = spawnSync(command, { cwd: folder, shell: true, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`);
  return program;
}
