import { copyFileSync, existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { wantsColour } from "../../dist/tools/cli/shared/output.js";
import { LEDGER_FILE, verifyRestored, writeBackup, writeDamagedData } from "./ledger.mjs";
import { npm, npmEnvironment } from "./npm.mjs";
import { DemoError, mustRun, run, together } from "./run.mjs";
import { SERVICE, WRITER_ID } from "./workplace.mjs";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const fixtures = join(repository, "test/fixtures/demo");

/** The keys that a registration changes; exported before and after. */
const PARENT_KEYS = [
  "HKLM\\SOFTWARE\\Classes\\CLSID",
  "HKLM\\SOFTWARE\\Classes\\AppID",
  "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\WindowsServerBackup",
  "HKLM\\SOFTWARE\\wsb-addin",
];

/** Packs the kit as it would be published, and lets the generator make a project that uses it. */
export async function makeProject(demo) {
  const [tarball, identity] = await together(packKit(demo), scaffold(demo));
  return { tarball, identity };
}

async function packKit({ story, place, signal }) {
  const output = await npm(
    ["pack", "--json", "--ignore-scripts", "--pack-destination", place.folder],
    { cwd: repository, env: npmEnvironment(place.userConfig), signal },
  );
  const [{ filename, size, entryCount }] = JSON.parse(output);
  story.say(`${filename}, ${Math.round(size / 1024)} kB, ${entryCount} files`);
  return `../${filename}`;
}

/** Lets the generator make the project, and adds the ledger's own check. */
async function scaffold({ story, place, signal }) {
  const flags = ["--yes", "--json", "--name", "Contoso Ledger", "--identifier", "Contoso Ledger"];
  const ids = ["--writer-id", WRITER_ID, "--service", SERVICE];
  const command = ["generator/dist/cli.cjs", "--dir", place.project, ...flags, ...ids];
  const output = await mustRun("create-wsb-addin", [process.execPath, ...command], {
    cwd: repository,
    signal,
  });
  const { files, identity } = JSON.parse(output);
  copyFileSync(
    join(fixtures, "check-consistency.ts"),
    join(place.project, "src/handlers/check-consistency.ts"),
  );
  copyFileSync(join(fixtures, "writer-metadata.xml"), join(place.folder, "writer-metadata.xml"));
  story.say(`${place.project}: ${files.length} files, class ${identity.clsid}`);
  story.say(
    "One handler is customized: check-consistency.ts reads the ledger files on the shadow copy.",
  );
  return identity;
}

/** Installs the packed kit with npm and, meanwhile, the service with its data. */
export async function install(demo, tarball) {
  const { story, place, signal } = demo;
  const flags = ["--save-dev", "--no-audit", "--no-fund", "--prefer-offline"];
  const installed = npm(["install", ...flags, tarball], {
    cwd: place.project,
    env: npmEnvironment(place.userConfig),
    signal,
  });
  const [output, before] = await together(installed, prepareWindows(demo));
  story.say(`npm: ${/added \d+ packages?/u.exec(output)?.[0] ?? "done"}`);
  story.say(
    `The service ${SERVICE} runs and holds ${place.dataOnWindows}\\${windows(LEDGER_FILE)}`,
  );
  story.say("open without sharing. Its ledger is damaged; an earlier backup exists.");
  return before;
}

function windows(path) {
  return path.replaceAll("/", "\\");
}

/** Exports the registry and starts the service. */
async function prepareWindows({ machine, place, cleanup }) {
  writeBackup(place.backedUp);
  writeDamagedData(place.data, place.backedUp);
  const before = await machine.exportKeys(PARENT_KEYS, join(place.folder, "registry-before"));
  const ledger = `${place.dataOnWindows}\\${windows(LEDGER_FILE)}`;
  cleanup.add(`the service ${SERVICE}`, () => removeService(machine));
  const names = [SERVICE, "--display", "Contoso Ledger"];
  await machine.mustRunProgram(machine.serviceProgram, ["install", ...names, "--data", ledger]);
  await machine.mustRunProgram("net.exe", ["start", SERVICE]);
  return before;
}

async function removeService(machine) {
  await machine.mustRunProgram(machine.serviceProgram, ["uninstall", SERVICE], null);
}

/** Builds the add-in and runs its unit tests. */
export async function buildAndTest({ story, place, signal }) {
  const options = { cwd: place.project, env: npmEnvironment(place.userConfig), signal };
  const [, tested] = await together(npm(["run", "build"], options), npm(["test"], options));
  const server = statSync(join(place.project, "dist", "server.js"));
  story.say(`dist/server.js, ${Math.round(server.size / 1024)} kB, with the shim beside it`);
  story.say(`tests: ${/Tests\s+(.*)/u.exec(tested)?.[1] ?? "passed"}`);
}

function registeredKeys({ clsid, appId, writerId }) {
  return [
    `HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\WindowsServerBackup\\Application Support\\${writerId}`,
    `HKLM\\SOFTWARE\\Classes\\CLSID\\${clsid}`,
    `HKLM\\SOFTWARE\\Classes\\AppID\\${appId}`,
    "HKLM\\SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\Contoso Ledger (wsb-addin)",
  ];
}

/** Tells for each key of the registration whether it exists. */
async function presence({ machine, place, identity }) {
  const keys = registeredKeys(identity);
  const found = await machine.queryKeys(keys, join(place.folder, "registry"));
  return keys.map((key, index) => ({ key, isThere: found[index] }));
}

/** Registers the add-in. */
export async function register(demo) {
  const { story, machine, place, cleanup, signal } = demo;
  const undo = cleanup.add("the registration", async () => {
    await machine.mustRunCli(["unregister", "--writer-id", WRITER_ID], null);
  });
  const output = await npm(["run", "--silent", "register"], {
    cwd: place.project,
    env: npmEnvironment(place.userConfig),
    signal,
  });
  story.say(output.trim());
  const keys = await presence(demo);
  for (const { key, isThere } of keys) story.say(`${isThere ? "there" : "MISSING"}  ${key}`);
  if (keys.some(({ isThere }) => !isThere)) throw new DemoError("A key was not written.");
  return undo;
}

/** Runs the simulator in the project and shows its output live. */
async function simulate({ story, place, signal }, args) {
  story.showCommand(`npx wsb-addin simulate ${args.map(quote).join(" ")}`);
  const main = join(place.project, "node_modules/wsb-addin/dist/cli/main.js");
  const lines = story.lines();
  const ended = await run([process.execPath, main, "simulate", ...args], {
    cwd: place.project,
    env: { ...process.env, FORCE_COLOR: wantsColour() ? "1" : "0" },
    signal,
    onOutput: lines.write,
  });
  lines.end();
  return ended;
}

/** Quotes an argument for the system's usual shell if necessary. */
function quote(argument) {
  if (process.platform === "win32") return /\s/u.test(argument) ? `"${argument}"` : argument;
  return /^[\w./:=-]+$/u.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

function requireSuccess(what, { exitCode }) {
  if (exitCode !== 0) throw new DemoError(`${what} ended with exit code ${exitCode}; see above.`);
}

const METADATA = ["--metadata", "../writer-metadata.xml"];
const FROM = ["--from", "../backup"];

/** Simulates a backup: the add-in checks both components on the shadow copy. */
export async function simulateBackup(demo) {
  const { machine, place } = demo;
  const drive = `${machine.programData.slice(0, 2)}\\`;
  const volume = `${drive}=${machine.toWindows(place.volume)}`;
  const ended = await simulate(demo, ["backup", ...METADATA, "--volume", volume, "--poll", "50"]);
  requireSuccess("The simulated backup", ended);
}

/** Proves that a restore fails while the service runs. */
export async function restoreWithoutAddin(demo) {
  const only = ["--component", "Contoso Ledger\\Books"];
  const args = ["restore", "--without-addin", ...METADATA, ...FROM, ...only];
  const { exitCode, output } = await simulate(demo, args);
  if (exitCode === 0) {
    throw new DemoError(
      "The proof failed: the restore succeeded, so the service does not hold its file.",
    );
  }
  if (!/EBUSY/u.test(output))
    throw new DemoError("The restore failed, but not with a sharing violation.");
  demo.story.say("Failed, as expected: the running service holds the file (sharing violation).");
}

/** Simulates the restore with the add-in. */
export async function restore(demo) {
  const ended = await simulate(demo, ["restore", ...METADATA, ...FROM]);
  requireSuccess("The simulated restore", ended);
  for (const { text } of readAddinLog(demo)) demo.story.say(`handler  ${text}`);
}

/** Shows the messages of the TypeScript handlers in the add-in's event file. */
function readAddinLog({ machine, identity }) {
  const folder = join(machine.toHere(machine.programData), "wsb-addin", identity.clsid);
  const file = join(folder, "addin.jsonl");
  if (!existsSync(file))
    throw new DemoError(`The add-in has written no events: ${file} is missing.`);
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line))
    .filter(({ event, text }) => event === "message" && /^[a-zA-Z]+: /u.test(text));
}

/** Checks the restored files. */
export async function verify({ story, machine, place }) {
  const state = await machine.serviceState(SERVICE);
  if (state !== "RUNNING") throw new DemoError(`The service ${SERVICE} is ${state}, not RUNNING.`);
  story.say(`${SERVICE} is ${state}.`);
  // The service holds its ledger open again, so the file can be read only after a stop.
  await machine.mustRunProgram("net.exe", ["stop", SERVICE]);
  const { count, sizeBytes } = verifyRestored(place.data, place.backedUp);
  story.say(`Stopped to read its files: ${count} restored files, ${sizeBytes} bytes,`);
  story.say("equal the backup byte for byte; the excluded file is unchanged.");
}

/** Unregisters the add-in and shows that nothing remains. */
export async function unregister(demo, before, undo) {
  const { story, machine, place } = demo;
  await undo();
  const keys = await presence(demo);
  for (const { key, isThere } of keys) story.say(`${isThere ? "STILL THERE" : "gone"}  ${key}`);
  if (keys.some(({ isThere }) => isThere))
    throw new DemoError("A key of the registration remains.");
  const after = await machine.exportKeys(PARENT_KEYS, join(place.folder, "registry-after"));
  const changed = PARENT_KEYS.filter((_, index) => before[index] !== after[index]);
  if (changed.length > 0) {
    throw new DemoError(`The registry differs from its state before: ${changed.join(", ")}.`);
  }
  story.say(`The exports before and after are identical: ${PARENT_KEYS.length} parent keys.`);
}
