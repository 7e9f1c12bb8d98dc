/**
 * Runs in the lab's node.exe: asks a program that stands in for vssadmin.exe for the writers, and
 * prints them as JSON, or the error's code and message. The arguments are the folder for a stand-in
 * Windows, the file with the output to print, and the stand-in's exit code.
 */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { loadBinding } from "../../../src/runtime/native/binding.ts";
import { windowsPrograms } from "../../../src/tools/doctor/windows-programs.ts";
import { WsbError } from "../../../src/base/errors.ts";

const [windows = "", file = "", exitCode = "0"] = process.argv.slice(2);
const system32 = join(windows, "System32");
mkdirSync(system32, { recursive: true });
// "vssadmin.exe list writers" in System32: node.exe under another name, which runs the script "list".
copyFileSync(process.execPath, join(system32, "vssadmin.exe"));
writeFileSync(
  join(system32, "list"),
  `process.stdout.write(require("node:fs").readFileSync(${JSON.stringify(file)}), () => process.exit(${exitCode}));`,
);
const binding = loadBinding();
const { programData } = binding.knownFolders();
const api = {
  // A German server's.
  codePages: () => ({ console: 0, oem: 850 }),
  decodeText: binding.decodeText.bind(binding),
  knownFolders: () => ({ programData, windows }),
};
try {
  const { writers } = windowsPrograms(api, new AbortController().signal);
  console.log(JSON.stringify(await writers()));
} catch (error) {
  if (!(error instanceof WsbError)) throw error;
  console.log(JSON.stringify({ code: error.code, message: error.message }));
}
