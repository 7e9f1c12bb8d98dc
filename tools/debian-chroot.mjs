// Runs a command in a bare Debian, as root: node tools/debian-chroot.mjs [suite] [--keep] [-- command]
//
// The suite is a name that debootstrap knows, such as trixie or bookworm. The system is new, has no
// login session (/run/user), and contains a clone of the last commit and the Node.js that runs this
// script. Mirrors, proxies, certificates and npm's settings come from this machine.
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { StepError, elapsed, missingTools, reportFailure, run } from "./build.mjs";

const repository = fileURLToPath(new URL("..", import.meta.url));
const DEFAULT_SUITE = "trixie";
const DEFAULT_COMMAND = "npm run demo && npm test";
const CLONE = "/root/wsb-addin";
const RUN_FOLDER = "/var/tmp";
// The command's variables that describe the way to the mirrors.
const NETWORK_VARIABLE =
  /^(?:https?_proxy|no_proxy|npm_config_registry|node_extra_ca_certs|ssl_cert_file)$/iu;
const CERTIFICATE_VARIABLES = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"];

// The mounts are in a namespace of their own, so that removing the folder cannot reach /dev. The
// shell stays as the first process, which waits for processes that their parents left behind.
const IN_CHROOT = `
set -e
root=$1; shift
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
chroot "$root" /usr/bin/env -i "$@" || exit $?
exit 0
`;

function parseArguments(args) {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const own = args.slice(0, end);
  const command = args.slice(end + 1).join(" ");
  return {
    suite: own.find((arg) => !arg.startsWith("--")) ?? DEFAULT_SUITE,
    isKept: own.includes("--keep"),
    command: command === "" ? DEFAULT_COMMAND : command,
  };
}

function requireTools() {
  if (process.platform !== "linux" || process.getuid() !== 0) {
    throw new StepError("A chroot needs root on Linux.", "", "Run the command with sudo.");
  }
  const missing = missingTools([
    { package: "debootstrap", program: "debootstrap" },
    { package: "util-linux", program: "unshare" },
    { package: "git", program: "git" },
  ]).map((tool) => tool.package);
  if (missing.length === 0) return;
  throw new StepError(
    `Programs are missing. Their Debian packages are: ${missing.join(" ")}`,
    "",
    "Install them with your distribution's package manager and try again.",
  );
}

function outputOf(program, ...args) {
  const { status, stdout } = spawnSync(program, args, { encoding: "utf8" });
  return status === 0 ? stdout.trim() : "";
}

/** Returns this machine's mirror of Debian; without one, debootstrap chooses. */
function mirrorArguments() {
  const format = ["--format", "$(REPO_URI)", "Origin: Debian", "Label: Debian"];
  const [mirror = ""] = outputOf("apt-get", "indextargets", ...format).split("\n");
  return mirror === "" ? [] : [mirror];
}

/** Installs the base system. The downloaded packages are kept for the next run. */
async function installSystem(suite, root) {
  const kept = join(repository, "build", "debian", `${suite}.tar`);
  // Whoever has a clone has git.
  const common = ["--variant=minbase", "--include=git", suite, root, ...mirrorArguments()];
  const nextStep = "Read debootstrap's message above; it must know the suite and reach a mirror.";
  if (!existsSync(kept)) {
    mkdirSync(dirname(kept), { recursive: true });
    await run(`downloading ${suite}`, "debootstrap", [`--make-tarball=${kept}`, ...common], {
      nextStep,
    });
    mkdirSync(root, { recursive: true });
  }
  await run(`installing ${suite}`, "debootstrap", [`--unpack-tarball=${kept}`, ...common], {
    nextStep,
  });
}

/** Copies a file of this machine to the same place in the new system. */
function copyInto(root, file) {
  if (file === undefined || file === "" || !existsSync(file)) return;
  mkdirSync(join(root, dirname(file)), { recursive: true });
  copyFileSync(file, join(root, file));
}

function copyNetworkSettings(root) {
  copyInto(root, "/etc/resolv.conf");
  // Debian's installer writes this file, and debootstrap does not.
  writeFileSync(join(root, "etc", "hosts"), "127.0.0.1 localhost\n::1 localhost\n");
  for (const name of CERTIFICATE_VARIABLES) copyInto(root, process.env[name]);
  const npmrc = join(homedir(), ".npmrc");
  if (existsSync(npmrc)) copyFileSync(npmrc, join(root, "root", ".npmrc"));
  const apt = outputOf("apt-config", "dump", "Acquire::http", "Acquire::https");
  writeFileSync(join(root, "etc", "apt", "apt.conf.d", "90machine"), `${apt}\n`);
}

/** Copies the Node.js that runs this script, and its npm. */
function copyNode(root) {
  const local = join(root, "usr", "local");
  copyFileSync(process.execPath, join(local, "bin", "node"));
  const npm = join(outputOf("npm", "root", "--global"), "npm");
  cpSync(realpathSync(npm), join(local, "lib", "node_modules", "npm"), { recursive: true });
  for (const name of ["npm", "npx"]) {
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(local, "bin", name));
  }
}

function environment() {
  const network = Object.entries(process.env).filter(([name]) => NETWORK_VARIABLE.test(name));
  const fixed = {
    CI: "true",
    HOME: "/root",
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    // Set on many machines, and the lab must not depend on it.
    TMPDIR: "/tmp",
  };
  return [...Object.entries(fixed), ...network].map(([name, value]) => `${name}=${value}`);
}

/** Runs a command in the new system with this terminal, and returns its exit code. */
function runInside(root, command) {
  console.log(`\n$ ${command}`);
  const namespaces = ["--mount", "--pid", "--fork", "--kill-child"];
  const shell = ["/bin/sh", "-c", `cd ${CLONE} && { ${command}; }`];
  const script = ["sh", "-c", IN_CHROOT, "sh", root, ...environment(), ...shell];
  const { status } = spawnSync("unshare", [...namespaces, ...script], { stdio: "inherit" });
  return status ?? 1;
}

async function prepare(suite, root) {
  const start = performance.now();
  console.log(`Installing a bare ${suite} in ${root} …`);
  await installSystem(suite, root);
  copyNetworkSettings(root);
  copyNode(root);
  await run("cloning", "git", ["clone", "--no-hardlinks", repository, join(root, CLONE)], {
    nextStep: "Read git's message above.",
  });
  console.log(`Installed ${suite}: ${elapsed(start)}`);
}

async function main(args) {
  const { suite, isKept, command } = parseArguments(args);
  requireTools();
  const folder = mkdtempSync(join(RUN_FOLDER, `wsb-addin-${suite}-`));
  const root = join(folder, "root");
  try {
    await prepare(suite, root);
    const start = performance.now();
    const exitCode = runInside(root, command);
    if (exitCode !== 0) {
      throw new StepError(
        `${command} ended with exit code ${exitCode} on ${suite} after ${elapsed(start)}.`,
        "",
        "Read its output above. With --keep, the system stays for a look at it.",
      );
    }
    console.log(`${command} passed on ${suite}: ${elapsed(start)}`);
  } finally {
    if (isKept) console.log(`Kept: ${root}`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

await main(process.argv.slice(2)).catch(reportFailure);
