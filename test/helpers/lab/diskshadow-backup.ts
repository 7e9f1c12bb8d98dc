/**
 * Runs in the lab's node.exe: a backup with a program that stands in for diskshadow.exe, whose shadow
 * copy of C: is a folder. Prints the timeline as JSON. The arguments are that folder, the backup
 * folder, and how the stand-in ends: `well`, or `without its command file`.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { loadBinding } from "../../../src/runtime/native/binding.ts";
import { simulateBackup } from "../../../src/tools/simulate/backup.ts";
import { manifestWith } from "../manifest.ts";

const [shadow = "", backupFolder = "", how = "well"] = process.argv.slice(2);
// EXEC of a script runs a command file and waits for it; cmd.exe knows the shadow copies' ids.
const standIn = `
const { readFileSync } = require("node:fs");
const { spawnSync } = require("node:child_process");
const script = readFileSync(process.argv[3], "utf8");
console.log("stand-in for diskshadow");
if (${JSON.stringify(how)} !== "well") { console.log("COM call failed."); process.exit(1); }
const [, command] = /^EXEC (.*)\\r$/mu.exec(script);
const [, alias] = /^ADD VOLUME C:\\\\ ALIAS (.*)\\r$/mu.exec(script);
const env = { ...process.env, [alias]: "{0C5D1D2E-0000-4000-8000-00000000000C}" };
const { status } = spawnSync("C:\\\\windows\\\\system32\\\\cmd.exe", ["/d", "/c", command], { env, stdio: "ignore" });
process.exit(status);
`;
const file = join(backupFolder, "..", "diskshadow.cjs");
writeFileSync(file, standIn);
const binding = loadBinding();
const files = {
  path: "C:\\Contoso",
  filespec: "*",
  recursive: true,
  alternatePath: null,
  filespecBackupType: 0,
};
const component = { componentName: "Books", logicalPath: null, files: [files], logFiles: [] };
const { signal } = new AbortController();
const manifest = manifestWith({ addin: undefined });
const { succeeded, timeline } = await simulateBackup({
  api: binding,
  manifest,
  writerMetadata: "<x/>",
  components: [component],
  signal,
  emit: () => {},
  volumes: [],
  pollMs: 0,
  shadowCopy: {
    api: binding,
    backupFolder,
    document: "<x/>",
    components: [component],
    excluded: [],
  },
  diskshadow: {
    api: binding,
    program: { file: process.execPath, args: [file] },
    node: process.execPath,
    writerId: manifest.writerId,
    volumes: ["C:\\"],
    deviceOf: async () => shadow,
    report: (text) => console.error(text),
    signal,
  },
});
console.log(JSON.stringify({ succeeded, timeline }));
