import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { DemoError } from "./run.mjs";

const TEMPORARY_PREFIX = "wsb-addin-demo-";
const MARKER = "wsb-addin-demo.json";

export const SERVICE = "ContosoLedger";

/** The writer id in the metadata document of Contoso Ledger. */
export const WRITER_ID = "{5D8A1F36-27C4-4B0E-9F6D-3C1E8A742B90}";

/** Removes a folder; waits while a program that is about to end still holds a file in it. */
function removeFolder(folder) {
  return rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Removes the events of add-in and writer below ProgramData, and the kit's folder if it is empty then. */
async function removeAddinLog(machine, project) {
  const manifestFile = join(project, "wsb-addin.json");
  if (!existsSync(manifestFile)) return;
  const { clsid } = JSON.parse(readFileSync(manifestFile, "utf8"));
  const kit = join(machine.toHere(machine.programData), "wsb-addin");
  if (!existsSync(kit)) return;
  // The writer's journal of freezes has a folder of its own.
  for (const id of [clsid, WRITER_ID]) await removeFolder(join(kit, id));
  if (readdirSync(kit).length === 0) rmdirSync(kit);
}

async function removeWorkplace(machine, { folder, data }) {
  const project = join(folder, "contoso-ledger");
  await machine.waitForServerExit(join(project, "dist", "server.js"));
  await removeAddinLog(machine, project);
  await removeFolder(folder);
  // The marker is removed last, so that the next run finds leftovers.
  await removeFolder(data);
}

/** Cleans up after a demo that was killed. */
async function removeLeftovers({ machine, story }, data) {
  const marker = join(data, MARKER);
  if (!existsSync(marker)) {
    throw new DemoError(
      `${data} already exists and is not from this demo. Remove or rename it first.`,
    );
  }
  const { pid, folder } = JSON.parse(readFileSync(marker, "utf8"));
  if (isRunning(pid)) {
    throw new DemoError(`Another demo is running (process ${pid}). Wait until it has ended.`);
  }
  if (!basename(folder).startsWith(TEMPORARY_PREFIX)) {
    throw new DemoError(
      `${marker} names ${folder}, which is not a folder of a demo. Remove ${data}.`,
    );
  }
  story.begin("Removing the leftovers of a demo that was killed …");
  await machine.mustRunCli(["unregister", "--writer-id", WRITER_ID]);
  await machine.runApplication(["uninstall", SERVICE]);
  await removeWorkplace(machine, { folder, data });
}

/**
 * Makes the folders of a demo: one for the project and the backup, one for the ledger's data.
 *
 * Removes the leftovers of a demo that was killed first.
 *
 * @returns The folders and names for the steps.
 */
export async function openWorkplace({ machine, cleanup, story }) {
  const dataOnWindows = `${machine.programData}\\Contoso Ledger`;
  const data = machine.toHere(dataOnWindows);
  if (existsSync(data)) await removeLeftovers({ machine, story }, data);
  const folder = mkdtempSync(join(machine.protectedFolder, TEMPORARY_PREFIX));
  mkdirSync(data);
  writeFileSync(join(data, MARKER), JSON.stringify({ pid: process.pid, folder }));
  cleanup.add(`${folder} and ${data}`, () => removeWorkplace(machine, { folder, data }));

  const userConfig = join(folder, "npmrc");
  writeFileSync(userConfig, "");
  // The layout of a simulated backup: <backup>\C is the shadow copy of C:.
  const volume = join(folder, "backup", machine.programData.slice(0, 1).toUpperCase());
  const below = join(basename(volume), ...dataOnWindows.slice(3).split("\\"));
  const backedUp = join(dirname(volume), below);
  const project = join(folder, "contoso-ledger");
  return { folder, data, dataOnWindows, userConfig, volume, below, backedUp, project };
}
