// Checks the C++ without Windows: node tools/lint-native.mjs
//
// clang-format checks the layout; cppcheck and clang-tidy (native/.clang-tidy) search for mistakes.
// clang-tidy parses the code as Clang for Windows, with mingw-w64's headers. A clean file is not
// checked again until it, a header, a check or a tool changes: build/lint-native.json stores the
// state.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { StepError, build, elapsed, missingTools, reportFailure, run } from "./build.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const sources = ["native/src", "native/lab", "native/test", "native/bench"];
const commandsFile = join(root, "build", "win32-x64", "compile_commands.json");
const benchCommandsFile = join(root, "build", "native-bench", "compile_commands.json");
const testCommandsFile = join(root, "build", "native-test", "address", "compile_commands.json");
const rememberedFile = join(root, "build", "lint-native.json");
const mingw = "x86_64-w64-mingw32";

/** The tools of the checks, by Debian package. */
const lintTools = [
  { package: "clang-format-16", program: "clang-format-16" },
  { package: "clang-tidy-14", program: "clang-tidy-14" },
  { package: "cppcheck", program: "cppcheck" },
  { package: "doctest-dev", file: "/usr/include/doctest/doctest.h" },
];

function filesBelow(folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .filter((name) => /\.[ch]pp$/u.test(name))
    .map((name) => join(folder, name))
    .toSorted();
}

/**
 * Returns Clang's flags for mingw-w64's headers; when cross-compiling, it does not find GCC's C++
 * headers.
 */
function crossFlags() {
  const versions = readdirSync(`/usr/lib/gcc/${mingw}`).filter((name) => name.endsWith("-posix"));
  const standard = `/usr/lib/gcc/${mingw}/${versions.toSorted().at(-1)}/include/c++`;
  const folders = [standard, `${standard}/${mingw}`, `/usr/${mingw}/include`];
  return [`--target=${mingw}`, ...folders.flatMap((folder) => ["-isystem", folder])];
}

/**
 * Returns our source files with Clang's flags for each; a file that is built twice appears once.
 */
function readCompilations() {
  const flagsOf = new Map();
  const read = (commands, target) => {
    for (const { file, command } of JSON.parse(readFileSync(commands, "utf8"))) {
      const path = relative(root, file);
      if (!path.endsWith(".cpp") || flagsOf.has(path)) continue;
      // Our paths have no spaces or quotes. The first word is GCC, the last one the file.
      const words = command.split(" ").slice(1, -1);
      const flags = words.filter((word, index) => {
        const isOutput = word === "-o" || words[index - 1] === "-o";
        return !isOutput && word !== "-c" && !/^-(?:O|Werror|Wno-|f(?:no-)?sanitize)/u.test(word);
      });
      flagsOf.set(path, [...target, ...flags]);
    }
  };
  // A file that is built for both systems is checked for Windows.
  read(commandsFile, crossFlags());
  read(benchCommandsFile, crossFlags());
  read(testCommandsFile, []);
  return [...flagsOf];
}

/** Runs a program; resolves with its exit code and its output. */
function capture(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    }
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
  });
}

function readRemembered() {
  try {
    return new Set(JSON.parse(readFileSync(rememberedFile, "utf8")));
  } catch {
    return new Set();
  }
}

/**
 * Returns a hash of everything that affects the result of a file, besides the file and its flags.
 */
function hashSurroundings(headers) {
  const hash = createHash("sha256");
  for (const file of ["native/.clang-tidy", "package-lock.json", ...headers]) {
    hash.update(`\0${file}\0`).update(readFileSync(join(root, file)));
  }
  return hash.update(spawnSync("clang-tidy-14", ["--version"]).stdout).digest("hex");
}

/** Returns a check for each file that is not known to be clean. */
function tidyChecks(headers, remembered, clean) {
  const surroundings = hashSurroundings(headers);
  const checks = [];
  for (const [file, flags] of readCompilations()) {
    const key = createHash("sha256")
      .update(JSON.stringify([surroundings, file, flags]))
      .update(readFileSync(join(root, file)))
      .digest("hex");
    if (remembered.has(key)) {
      clean.push(key);
      continue;
    }
    const args = ["--quiet", file, "--", ...flags];
    checks.push({ title: file, program: "clang-tidy-14", args, onClean: () => clean.push(key) });
  }
  // Files that include napi.h take longest, so they come first and no core idles at the end.
  return checks.toSorted((one, other) => Number(isLong(other)) - Number(isLong(one)));
}

function isLong({ title }) {
  return /napi|js-dispatcher|addon/u.test(title);
}

/** Runs the checks, one per core at a time; resolves with `true` when all files are clean. */
async function runChecks(checks) {
  let isClean = true;
  const queue = [...checks];
  const work = async () => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) {
      const { code, output } = await capture(check.program, check.args);
      if (code === 0) {
        check.onClean?.();
        continue;
      }
      isClean = false;
      console.error(`${check.title}: ${check.program} ended with exit code ${String(code)}.`);
      console.error(output.replaceAll(/^\d+ warnings? (?:generated|treated).*\n/gmu, "").trim());
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return isClean;
}

async function main() {
  if (process.platform === "win32") {
    console.log("The C++ is checked on Linux. On Windows, MSVC's own warnings are errors.");
    return;
  }
  const missing = missingTools(lintTools);
  if (missing.length > 0) {
    const packages = missing.map((tool) => tool.package).join(" ");
    throw new StepError(
      `Cannot check the C++: ${packages} missing.`,
      "",
      `On Debian or Ubuntu: apt-get install -y --no-install-recommends ${packages}`,
    );
  }
  // Makes the compile commands and the generated headers.
  if (!existsSync(commandsFile)) await build(["shim"]);
  if (!existsSync(benchCommandsFile)) await build(["bench"]);
  if (!existsSync(testCommandsFile)) {
    await run("configuring the tests", "cmake", ["--preset", "address"], {
      cwd: join(root, "native", "test"),
      nextStep: "Fix CMake's errors above.",
    });
  }
  const start = performance.now();
  const files = sources.flatMap(filesBelow);
  const clean = [];
  const tidy = tidyChecks(
    files.filter((file) => file.endsWith(".hpp")),
    readRemembered(),
    clean,
  );
  const isClean = await runChecks([
    {
      title: "native",
      program: "clang-format-16",
      args: ["--dry-run", "-Werror", ...files],
    },
    {
      title: "native",
      program: "cppcheck",
      args: [
        "--quiet",
        "--error-exitcode=1",
        "--std=c++20",
        "--platform=win64",
        "--library=windows",
        "--enable=warning,performance,portability",
        "-DUNICODE",
        "-D_WIN32_WINNT=0x0A00",
        // Replaces doctest's macros by code that cppcheck knows.
        "-DTEST_SUITE(name)=namespace",
        "-DTEST_CASE(name)=void test()",
        ...sources,
      ],
    },
    ...tidy,
  ]);
  mkdirSync(join(root, "build"), { recursive: true });
  writeFileSync(rememberedFile, JSON.stringify(clean));
  if (!isClean) {
    process.exitCode = 1;
    return;
  }
  console.log(
    `Checked ${files.length} files, of which ${tidy.length} with clang-tidy: ${elapsed(start)}`,
  );
}

await main().catch(reportFailure);
