// Builds the outdated parts: node tools/build.mjs [shim|dist|generator]...
//
// A part is up to date when its outputs exist and its inputs are unchanged since it was built; the
// stamps are in build/.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { nativeLicences } from "./native-licences.mjs";
import { copyShimSource } from "./shim-source.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const isWindows = process.platform === "win32";
const labPrograms = [
  "wsb-lab-proxy-stub.dll",
  "wsb-lab-service.exe",
  "wsb-lab-abilities.exe",
  "wsb-lab-vssapi.dll",
  "wsb-lab-vss-requester.exe",
  "wsb-lab-holder.exe",
  "wsb-lab-unelevated.exe",
  "wsb-lab-messages.exe",
  "wsb-lab-registry.exe",
  "wsb-lab-online.dll",
];
const LICENCES = "THIRD-PARTY-LICENSES.txt";
const PROGRESS_INTERVAL_MS = 10_000;

/** The error for a failed step, with its output and the next step. */
export class StepError extends Error {
  constructor(message, output, nextStep) {
    super(message);
    this.output = output;
    this.nextStep = nextStep;
  }
}

/** The tools for the cross-build of the shim and the lab's binaries on Linux, by Debian package. */
export const crossBuildTools = [
  { package: "cmake", program: "cmake" },
  { package: "ninja-build", program: "ninja" },
  { package: "g++-mingw-w64-x86-64-posix", program: "x86_64-w64-mingw32-g++-posix" },
  { package: "mingw-w64-tools", program: "x86_64-w64-mingw32-widl" },
  { package: "libwine-dev", file: "/usr/include/wine/wine/windows/unknwn.idl" },
];

// For the 32-bit shim, which only a 32-bit node.exe needs. Setup does not require these 320 MB.
const crossBuildTools32 = [
  ...crossBuildTools,
  { package: "g++-mingw-w64-i686-posix", program: "i686-w64-mingw32-g++-posix" },
];

/** Returns the tools of a list that this machine does not have. */
export function missingTools(tools) {
  return tools.filter((tool) => !(tool.program ? isOnPath(tool.program) : existsSync(tool.file)));
}

function isOnPath(program) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return folder !== "";
    } catch {
      return false;
    }
  });
}

/** Formats the seconds since `start` for people. */
export function elapsed(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}

/** Runs a program; shows its output only when it fails. */
export function run(
  title,
  program,
  args,
  { cwd = root, env = process.env, nextStep, shell = false } = {},
) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(program, args, {
      cwd,
      env,
      shell,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const timer = setInterval(() => {
      console.log(`  ${title} … ${elapsed(start)}`);
    }, PROGRESS_INTERVAL_MS);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    }
    child.once("error", (error) => {
      clearInterval(timer);
      reject(new StepError(`Cannot run ${program}: ${error.message}.`, output, nextStep));
    });
    child.once("close", (code) => {
      clearInterval(timer);
      if (code === 0) {
        resolve(output);
        return;
      }
      const command = [program, ...args].join(" ");
      reject(new StepError(`${command} ended with exit code ${String(code)}.`, output, nextStep));
    });
  });
}

function listFiles(path, skipped) {
  if (!existsSync(path) || skipped.includes(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .toSorted()
    .flatMap((name) => listFiles(join(path, name), skipped));
}

function hashInputs({ inputs, skipped = [] }) {
  const hash = createHash("sha256").update(process.platform);
  const skippedPaths = skipped.map((path) => join(root, path));
  for (const file of inputs.flatMap((input) => listFiles(join(root, input), skippedPaths))) {
    hash.update(`\0${relative(root, file)}\0`).update(readFileSync(file));
  }
  return hash.digest("hex");
}

function missingPackages(what, missing) {
  const packages = missing.map((tool) => tool.package).join(" ");
  return new StepError(
    `Cannot build ${what}: ${packages} missing.`,
    "",
    `On Debian or Ubuntu: apt-get install -y --no-install-recommends ${packages}`,
  );
}

/** Removes the cache of CMake in a checkout that was copied: it would build the other one's sources. */
function forgetOtherCheckout(folder, source) {
  const cache = join(folder, "CMakeCache.txt");
  if (!existsSync(cache)) return;
  const home = /^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$/mu.exec(readFileSync(cache, "utf8"))?.[1];
  if (home === undefined || relative(home, source) !== "") {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Compiles native/ for a processor and returns the folder with the outputs. */
async function compile(architecture, triple, tools) {
  const missing = isWindows ? [] : missingTools(tools);
  if (missing.length > 0) throw missingPackages("the shim", missing);
  const folder = join(root, "build", `win32-${architecture}`);
  forgetOtherCheckout(folder, join(root, "native"));
  const toolchain = join(root, "native", "cmake", `mingw-w64-${triple.split("-")[0]}.cmake`);
  // Set explicitly, because cmake-js otherwise requires a compiler for this machine.
  const compilers = ["--cc", `${triple}-gcc-posix`, "--cxx", `${triple}-g++-posix`];
  const cross = ["-G", "Ninja", ...compilers, `--CDCMAKE_TOOLCHAIN_FILE=${toolchain}`];
  await run(
    "building the shim",
    process.execPath,
    [
      join(root, "node_modules", "cmake-js", "bin", "cmake-js"),
      "compile",
      "-d",
      join(root, "native"),
      "-O",
      folder,
      ...(isWindows ? ["--arch", architecture] : cross),
    ],
    {
      nextStep: isWindows
        ? "Install the C++ workload of the Visual Studio Build Tools and CMake, then try again."
        : "Fix the compiler's errors, or remove build/ if it is older than the tools.",
    },
  );
  return folder;
}

function placeShim(folder, architecture) {
  const prebuilds = join(root, "prebuilds", `win32-${architecture}`);
  mkdirSync(prebuilds, { recursive: true });
  copyFileSync(findOutput(folder, "wsb-addin.node"), join(prebuilds, "wsb-addin.node"));
  writeFileSync(join(prebuilds, LICENCES), nativeLicences(root, !isWindows));
}

async function buildShim() {
  const folder = await compile("x64", "x86_64-w64-mingw32", crossBuildTools);
  placeShim(folder, "x64");
  if (isWindows) return;
  const lab = join(root, "prebuilds", "win32-x64", "lab");
  mkdirSync(lab, { recursive: true });
  for (const name of labPrograms) copyFileSync(findOutput(folder, name), join(lab, name));
}

async function buildShim32() {
  placeShim(await compile("ia32", "i686-w64-mingw32", crossBuildTools32), "ia32");
}

/** Builds the peer server and the client of npm run bench. */
async function buildBench() {
  const missing = missingTools(crossBuildTools);
  if (missing.length > 0) throw missingPackages("the programs of the bench", missing);
  const folder = join(root, "build", "native-bench");
  const toolchain = join(root, "native", "cmake", "mingw-w64-x86_64.cmake");
  forgetOtherCheckout(folder, join(root, "native", "bench"));
  const configure = ["-S", join(root, "native", "bench"), "-B", folder, "-G", "Ninja"];
  const nextStep = "Fix the compiler's errors, or remove build/native-bench.";
  await run("configuring", "cmake", [...configure, `-DCMAKE_TOOLCHAIN_FILE=${toolchain}`], {
    nextStep,
  });
  await run("building", "cmake", ["--build", folder], { nextStep });
}

// Visual Studio puts its outputs into a folder for each configuration.
function findOutput(folder, name) {
  const candidates = ["", "Release", "lab"].map((part) => join(folder, part, name));
  const found = candidates.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new StepError(`The build did not make ${name}.`, "", "Remove build/ and try again.");
}

async function buildDist() {
  rmSync(join(root, "dist"), { recursive: true, force: true });
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const project = join(root, "tsconfig.build.json");
  await run("compiling", process.execPath, [tsc, "-p", project], {
    nextStep: "Fix the compiler's errors.",
  });
  for (const script of ["bundle-cli.mjs", "bundle-xml.mjs", "prune-dist.mjs"]) {
    await run("bundling", process.execPath, [join(root, "tools", script)], {
      nextStep: "Fix the bundler's errors.",
    });
  }
  copyShimSource(root, join(root, "dist", "shim-source"));
  for (const name of rootSchemas) copyFileSync(join(root, "schemas", name), join(root, name));
}

async function buildGenerator() {
  await run("bundling", process.execPath, [join(root, "generator", "build.mjs")], {
    nextStep: "Fix the bundler's errors.",
  });
}

// Scaffolded projects and the package's exports refer to these files in the package's root.
const rootSchemas = ["manifest.schema.json", "cli-output.schema.json"];

const shimInputs = [
  "native",
  "tools/native-licences.mjs",
  "node_modules/cmake-js/package.json",
  "node_modules/node-addon-api/package.json",
  "node_modules/node-api-headers/package.json",
];

function shimOutputs(architecture) {
  return ["wsb-addin.node", LICENCES].map((name) => `prebuilds/win32-${architecture}/${name}`);
}

const parts = {
  shim: {
    title: "the shim and the lab's programs",
    inputs: shimInputs,
    skipped: ["native/test", "native/bench"],
    outputs: isWindows
      ? shimOutputs("x64")
      : [...shimOutputs("x64"), ...labPrograms.map((name) => `prebuilds/win32-x64/lab/${name}`)],
    build: buildShim,
  },
  shim32: {
    title: "the 32-bit shim",
    inputs: shimInputs,
    outputs: shimOutputs("ia32"),
    build: buildShim32,
    // Skipped without its compiler, unless it is requested by name.
    isOptional: () => isWindows || missingTools(crossBuildTools32).length > 0,
  },
  dist: {
    title: "dist/",
    inputs: [
      "src",
      "schemas",
      "native",
      "package.json",
      "tools/bundle.mjs",
      "tools/bundle-cli.mjs",
      "tools/shim-source.mjs",
      "tools/bundle-xml.mjs",
      "tools/prune-dist.mjs",
      "tsconfig.json",
      "tsconfig.build.json",
      "node_modules/.package-lock.json",
    ],
    skipped: ["native/lab", "native/test", "native/bench"],
    outputs: [
      "dist/index.js",
      "dist/cli/main.js",
      "dist/cli/packed-main.js",
      "dist/shim-source/CMakeLists.txt",
      "dist/THIRD-PARTY-LICENSES.txt",
      ...rootSchemas,
    ],
    build: buildDist,
  },
  generator: {
    title: "the generator",
    inputs: [
      "generator",
      "templates",
      "native",
      "src",
      "tools/bundle.mjs",
      "tools/shim-source.mjs",
      "package.json",
      "node_modules/.package-lock.json",
    ],
    skipped: ["generator/dist", "generator/node_modules", "native/lab", "native/test"],
    outputs: [
      "generator/dist/cli.cjs",
      "generator/dist/shim-source/CMakeLists.txt",
      "generator/dist/templates",
      "dist/generator/generate.cjs",
      "dist/generator/templates",
    ],
    build: buildGenerator,
  },
  bench: {
    title: "the programs of the bench",
    inputs: ["native/bench", "native/src", "native/cmake"],
    outputs: ["wsb-bench-server.exe", "wsb-bench-client.exe"].map(
      (name) => `build/native-bench/${name}`,
    ),
    build: buildBench,
    // Only the bench requests it.
    isOptional: () => true,
  },
};

/** The names of the parts, in order. */
const partNames = Object.keys(parts);

/** Builds the named parts, or all parts that this machine can build, if they are out of date. */
export async function build(names = partNames.filter((name) => !parts[name].isOptional?.())) {
  for (const name of names) {
    const part = parts[name];
    const stamp = join(root, "build", `${name}.stamp`);
    const hash = hashInputs(part);
    const isBuilt = part.outputs.every((output) => existsSync(join(root, output)));
    if (isBuilt && existsSync(stamp) && readFileSync(stamp, "utf8") === hash) continue;
    const start = performance.now();
    console.log(`Building ${part.title} …`);
    rmSync(stamp, { force: true });
    await part.build();
    mkdirSync(join(root, "build"), { recursive: true });
    writeFileSync(stamp, hash);
    console.log(`Built ${part.title}: ${elapsed(start)}`);
  }
}

/** Shows a failure with its output and the next step, and sets a failing exit code. */
export function reportFailure(error) {
  if (error instanceof StepError && error.output.trim() !== "") console.error(error.output.trim());
  console.error(error instanceof StepError ? `${error.message}\n${error.nextStep}` : error);
  process.exitCode = 1;
}

async function main(names) {
  const unknown = names.filter((name) => !partNames.includes(name));
  if (unknown.length > 0) {
    console.error(
      `Unknown: ${unknown.join(", ")}. Usage: node tools/build.mjs [${partNames.join("|")}]...`,
    );
    process.exitCode = 2;
    return;
  }
  await build(names.length > 0 ? names : undefined);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  main(process.argv.slice(2)).catch(reportFailure);
}
