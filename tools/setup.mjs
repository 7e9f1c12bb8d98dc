// Prepares this machine: packages, npm ci, build, lab. Runs only the missing steps and reports
// them. --missing only says which programs are missing.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { StepError, build, elapsed, reportFailure, run } from "./build.mjs";
import {
  aptArguments,
  hasApt,
  installSteps,
  packagesOf,
  toolsToInstall,
} from "./missing-tools.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const isWindows = process.platform === "win32";
const OLDEST_NODE = [20, 19];

function requireNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new StepError(
    `Node.js ${OLDEST_NODE.join(".")} or later is required; this is ${process.versions.node}.`,
    "",
    "Install a current Node.js from https://nodejs.org and try again.",
  );
}

const options = { exhaustive: process.argv.includes("--exhaustive") };

async function preparePackages() {
  const tools = toolsToInstall(options);
  if (tools.length === 0) return;
  const list = packagesOf(tools).join(" ");
  if (!hasApt() || process.getuid() !== 0) {
    throw new StepError(`Programs are missing: ${list}`, "", installSteps(tools).join("\n"));
  }
  const start = performance.now();
  console.log(`Installing ${list} …`);
  const how = {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    nextStep: "Read apt's message above. Often another apt is running or the network is down.",
  };
  await run("apt-get update", "apt-get", ["update"], how);
  await run("apt-get install", "apt-get", aptArguments(tools), how);
  console.log(`Installed packages: ${elapsed(start)}`);
}

/** Says what is missing, and changes nothing. */
function reportMissing() {
  const tools = toolsToInstall(options);
  if (tools.length === 0) {
    console.log("Nothing is missing.");
    return;
  }
  for (const line of installSteps(tools)) console.log(line);
  process.exitCode = 1;
}

function readLock(path) {
  return JSON.parse(readFileSync(join(root, path), "utf8")).packages;
}

/** Tells whether node_modules matches package-lock.json, according to npm's own lock file there. */
function areModulesCurrent() {
  const record = "node_modules/.package-lock.json";
  if (!existsSync(join(root, record))) return false;
  const installed = readLock(record);
  return Object.entries(readLock("package-lock.json"))
    .filter(([path]) => path.startsWith("node_modules/"))
    .every(([path, wanted]) =>
      path in installed
        ? installed[path].version === wanted.version && existsSync(join(root, path))
        : // Optional packages for other systems are not installed.
          wanted.optional === true || wanted.devOptional === true || wanted.peer === true,
    );
}

async function prepareModules() {
  if (areModulesCurrent()) return;
  const start = performance.now();
  console.log("Installing the packages of package-lock.json (npm ci) …");
  await run("npm ci", "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    // On Windows npm is a script.
    shell: isWindows,
    nextStep:
      "Read npm's first lines above. The registry may be unreachable, or package-lock.json may be older than package.json; npm install fixes that.",
  });
  console.log(`Installed node_modules: ${elapsed(start)}`);
}

async function prepareBuild() {
  const hasShim = existsSync(join(root, "prebuilds", "win32-x64", "wsb-addin.node"));
  await build(isWindows && hasShim ? ["dist", "generator"] : undefined);
}

async function prepareLab() {
  // Loaded late, because the previous step builds them.
  const [{ labUp }, { labFolder }] = await Promise.all(
    ["up.js", "folder.js"].map(
      (file) => import(pathToFileURL(join(root, "dist", "tools", "lab", file)).href),
    ),
  );
  await labUp({
    folder: labFolder(),
    onProgress: (message) => {
      console.log(message);
    },
  }).catch((error) => {
    if (error.code === undefined) throw error;
    throw new StepError("The lab is not up.", "", error.message);
  });
}

async function main() {
  const start = performance.now();
  requireNode();
  if (process.argv.includes("--missing")) {
    reportMissing();
    return;
  }
  if (process.platform === "linux") await preparePackages();
  await prepareModules();
  await prepareBuild();
  await prepareLab();
  console.log(`Ready: ${elapsed(start)}`);
}

main().catch(reportFailure);
