import { copyFileSync, cpSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { wantsColour } from "../../dist/tools/cli/shared/output.js";
import { countEntries, hashOf } from "./application/ledger.mjs";
import { LEDGER_FILE, damage, verifyRestored, writeData } from "./data.mjs";
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
  copyFileSync(join(fixtures, "writer.ts"), join(place.project, "src/writer.ts"));
  addWriter(place);
  story.say(`${place.project}: ${files.length} files, class ${identity.clsid}`);
  story.say("check-consistency.ts reads the ledger files on the shadow copy, and writer.ts asks");
  story.say("the service to write what it holds in memory, and to wait, while it is made.");
  return identity;
}

/** Returns a component of the manifest's writer: a folder below the application's data. */
function component(name, more) {
  return {
    name,
    logicalPath: "Contoso Ledger",
    files: [{ path: `%ProgramData%\\Contoso Ledger\\${name}`, filespec: "*", recursive: true }],
    ...more,
  };
}

/** Gives the application a VSS writer in a service. */
function addWriter({ project }) {
  const file = join(project, "wsb-addin.json");
  const manifest = JSON.parse(readFileSync(file, "utf8"));
  const books = { writerId: WRITER_ID, logicalPath: "Contoso Ledger", name: "Books" };
  const writer = {
    kind: "service",
    components: [component("Books"), component("Archive", { dependencies: [books] })],
    exclude: [
      { path: "%ProgramData%\\Contoso Ledger\\Archive", filespec: "*.tmp", recursive: true },
    ],
  };
  writeFileSync(file, `${JSON.stringify({ ...manifest, writer }, null, 2)}\n`);
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
  story.say(`The service ${SERVICE} runs. It makes a thousand entries a second, in memory.`);
  return before;
}

/** Exports the registry and starts the service. */
async function prepareWindows({ machine, place, cleanup }) {
  writeData(place.data);
  const before = await machine.exportKeys(PARENT_KEYS, join(place.folder, "registry-before"));
  cleanup.add(`the service ${SERVICE}`, () => machine.runApplication(["uninstall", SERVICE], null));
  await machine.runApplication(["install", SERVICE, place.dataOnWindows]);
  await machine.mustRunProgram("net.exe", ["start", SERVICE]);
  return before;
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

const FROM = ["--from", "../backup"];

/** Asks the application: its counters, or what it does. */
async function ask({ place }, method = "GET", path = "") {
  const { port } = JSON.parse(readFileSync(join(place.data, "service.json"), "utf8"));
  const response = await fetch(`http://127.0.0.1:${port}/${path}`, { method });
  return response.json();
}

/** Proves that a backup without the writer lacks what the service holds in memory. */
export async function backUpWithoutWriter(demo) {
  const { story, place, machine } = demo;
  if (!machine.playsVss) {
    story.say(
      "Skipped: on Windows, VSS itself makes shadow copies, and simulate backup asks nobody.",
    );
    return;
  }
  const to = ["--to", "../backup-without-writer"];
  const ended = await simulate(demo, ["backup", "--without-writer", ...to, "--poll", "50"]);
  requireSuccess("The simulated backup", ended);
  const { made, written } = await ask(demo);
  const copy = readFileSync(join(place.folder, "backup-without-writer", place.below, LEDGER_FILE));
  const entries = countEntries(copy);
  if (entries !== written || made <= written) {
    throw new DemoError(
      `The proof failed: ${entries} entries in the backup, ${written} written by the service, ${made} made.`,
    );
  }
  story.say(`The backup has ${entries} entries, as many as the service has written.`);
  story.say(`It has made ${made} meanwhile: the others are in memory only, and lost by a restore.`);
}

/**
 * Simulates a backup while the service runs and makes entries.
 *
 * @returns What the service has written and recorded at freeze.
 */
export async function simulateBackup(demo) {
  const { story, place, machine } = demo;
  const recorded = machine.playsVss ? await backUpWithWriter(demo) : await backUpByHand(demo);
  const copy = readFileSync(join(place.backedUp, LEDGER_FILE));
  if (hashOf(copy) !== recorded.sha256) {
    throw new DemoError(
      "The ledger in the backup is not the one that the service wrote at freeze.",
    );
  }
  story.say(
    `The backup has all ${recorded.entries} entries, and the hash of the service's freeze.`,
  );
  return recorded;
}

async function backUpWithWriter(demo) {
  const ended = await simulate(demo, ["backup", "--to", "../backup", "--poll", "50"]);
  requireSuccess("The simulated backup", ended);
  const texts = readLog(demo).filter((text) => OF_WRITER.test(text));
  for (const text of texts.slice(-2)) demo.story.say(`handler  ${text}`);
  const frozen = texts.findLast((text) => text.startsWith("freeze: "));
  return JSON.parse(frozen.slice(frozen.indexOf("{")));
}

/** On Windows, a copy while the service holds still stands for the shadow copy. */
async function backUpByHand(demo) {
  const { machine, place } = demo;
  const recorded = await ask(demo, "POST", "hold");
  for (const name of ["Books", "Archive"]) {
    cpSync(join(place.data, name), join(place.backedUp, name), {
      recursive: true,
      filter: (path) => !path.endsWith(".tmp"),
    });
  }
  await ask(demo, "POST", "release");
  const drive = `${machine.programData.slice(0, 2)}\\`;
  const volume = `${drive}=${machine.toWindows(place.volume)}`;
  const ended = await simulate(demo, ["backup", "--volume", volume, "--poll", "50"]);
  requireSuccess("The simulated backup", ended);
  return recorded;
}

/** Damages the data, and proves that a restore fails while the service runs. */
export async function restoreWithoutAddin(demo) {
  damage(demo.place.data);
  demo.story.say("Somebody damages the ledger and the archive.");
  const only = ["--component", "Contoso Ledger\\Books"];
  const args = ["restore", "--without-addin", ...FROM, ...only];
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
  const ended = await simulate(demo, ["restore", ...FROM]);
  requireSuccess("The simulated restore", ended);
  const texts = readLog(demo).filter((text) => !OF_WRITER.test(text));
  for (const text of texts) demo.story.say(`handler  ${text}`);
}

const OF_WRITER = /^(?:freeze|thaw): /u;

/** Returns the messages of the TypeScript handlers in the application's event file. */
function readLog({ machine, identity }) {
  const folder = join(machine.toHere(machine.programData), "wsb-addin", identity.clsid);
  const file = join(folder, "addin.jsonl");
  if (!existsSync(file))
    throw new DemoError(`The handlers have written no events: ${file} is missing.`);
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line))
    .filter(({ event, text }) => event === "message" && /^[a-zA-Z]+: /u.test(text))
    .map(({ text }) => text);
}

/** Checks the restored files; the service writes none before it is told to. */
export async function verify({ story, machine, place }, recorded) {
  const state = await machine.serviceState(SERVICE);
  if (state !== "RUNNING") throw new DemoError(`The service ${SERVICE} is ${state}, not RUNNING.`);
  if (hashOf(readFileSync(join(place.data, LEDGER_FILE))) !== recorded.sha256) {
    throw new DemoError("The restored ledger is not the one that the service wrote at freeze.");
  }
  const { count, sizeBytes } = verifyRestored(place.data, place.backedUp);
  story.say(`${SERVICE} is ${state}, and its ledger has the hash that it recorded at freeze.`);
  story.say(`${count} restored files, ${sizeBytes} bytes, equal the backup byte for byte;`);
  story.say("the excluded file is unchanged.");
}

/** Unregisters the add-in and shows that nothing remains. */
export async function unregister(demo, before, undo) {
  const { story, machine, place } = demo;
  await undo();
  const keys = await presence(demo);
  for (const { key, isThere } of keys) story.say(`${isThere ? "STILL THERE" : "gone"}  ${key}`);
  if (keys.some(({ isThere }) => isThere))
    throw new DemoError("A key of the registration remains.");
  const service = `wsb-addin-${WRITER_ID}`;
  const state = await machine.serviceState(service);
  if (state !== undefined)
    throw new DemoError(`The writer's service ${service} remains: ${state}.`);
  story.say(`gone  the service ${service}`);
  const after = await machine.exportKeys(PARENT_KEYS, join(place.folder, "registry-after"));
  const changed = PARENT_KEYS.filter((_, index) => before[index] !== after[index]);
  if (changed.length > 0) {
    throw new DemoError(`The registry differs from its state before: ${changed.join(", ")}.`);
  }
  story.say(`The exports before and after are identical: ${PARENT_KEYS.length} parent keys.`);
}
