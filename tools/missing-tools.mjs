// The programs that this machine lacks, and how to install them: npm run setup -- --missing
import { spawnSync } from "node:child_process";

import { crossBuildTools, missingTools } from "./build.mjs";

// Debian's `wine` is a script; the program it starts is in another package.
const wineTools = [
  { package: "wine", program: "wine" },
  { package: "wine64", program: "wine64" },
];
// Builds the MSI packages of the tests; without it, the tests skip them.
const testTools = [{ package: "wixl", program: "wixl" }];
// The additional packages of test/exhaustive, of which Chromium has 350 MB and Mono 210 MB.
const exhaustiveTools = [
  { package: "openssl", program: "openssl" },
  { package: "osslsigncode", program: "osslsigncode" },
  { package: "doctest-dev", file: "/usr/include/doctest/doctest.h" },
  // Handlers in C# run on Mono, and edge-js is compiled for it.
  { package: "mono-devel", program: "mcs" },
  { package: "g++", program: "g++" },
  { package: "make", program: "make" },
  { package: "python3", program: "python3" },
  // Measures the page of `log`.
  { package: "chromium", program: "chromium" },
];

// How a distribution finds the package of a program; its package names are its own.
const FINDERS = [
  { manager: "dnf", find: (name) => `dnf provides '*/${name}'` },
  { manager: "zypper", find: (name) => `zypper search --provides ${name}` },
  { manager: "pacman", find: (name) => `pacman -F ${name}` },
  { manager: "apk", find: (name) => `apk search cmd:${name}` },
];

function missingWine() {
  if (missingTools(wineTools.slice(0, 1)).length > 0) return wineTools;
  const env = { ...process.env, WINEDEBUG: "-all" };
  return spawnSync("wine", ["--version"], { env }).status === 0 ? [] : wineTools.slice(1);
}

/** Returns the tools that this machine lacks for setup. */
export function toolsToInstall({ exhaustive }) {
  const others = [...crossBuildTools, ...testTools, ...(exhaustive ? exhaustiveTools : [])];
  return [...missingWine(), ...missingTools(others)];
}

/** Returns the packages of tools. */
export function packagesOf(tools) {
  return [...new Set(tools.map((tool) => tool.package))];
}

/** Tells whether this is Debian or made from it. */
export function hasApt() {
  return missingTools([{ program: "apt-get" }]).length === 0;
}

/** Returns the arguments of apt-get that install the packages of tools. */
export function aptArguments(tools) {
  return ["install", "-y", "--no-install-recommends", ...packagesOf(tools)];
}

/** Returns how to install tools on this machine, one line of text for each step. */
export function installSteps(tools) {
  if (hasApt()) {
    return [`Run: sudo apt-get update && sudo apt-get ${aptArguments(tools).join(" ")}`];
  }
  const manager = FINDERS.find((one) => missingTools([{ program: one.manager }]).length === 0);
  return [
    "Install these with your distribution's package manager:",
    ...tools.map((tool) => {
      const name = tool.program ?? tool.file;
      const how = manager === undefined ? "" : `; its package: ${manager.find(name)}`;
      return `  ${name} (on Debian in ${tool.package}${how})`;
    }),
  ];
}
