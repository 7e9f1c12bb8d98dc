// Tests the parts of the shim that do not need Windows, under the compiler's sanitizers or in the
// lab: node tools/test-native.mjs [address|thread|windows]...
//
// `address` means AddressSanitizer, its leak checker and UndefinedBehaviorSanitizer. The names are
// in native/test/CMakePresets.json; without a name, the first two run. A run prints the seed of its
// random numbers; WSB_TEST_SEED repeats it.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { StepError, crossBuildTools, elapsed, missingTools, reportFailure, run } from "./build.mjs";

const folder = fileURLToPath(new URL("../native/test", import.meta.url));
const cli = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const windowsProgram = fileURLToPath(
  new URL("../build/native-test/windows/native-tests.exe", import.meta.url),
);
const sanitizers = ["address", "thread"];
const presets = [...sanitizers, "windows"];

/**
 * The tools that setup.mjs installs only with --exhaustive, because other tests do not need them.
 */
const testTools = [
  { package: "cmake", program: "cmake" },
  { package: "ninja-build", program: "ninja" },
  { package: "g++", program: "g++" },
  { package: "doctest-dev", file: "/usr/include/doctest/doctest.h" },
];

/** The exit code of a run that cannot start, as in Automake's tests. */
const EXIT_CANNOT_RUN = 77;

// The sanitizers of GCC 12 expect a program in a certain address range. With more random bits, it
// is sometimes outside of that range.
const MOST_RANDOM_BITS = 28;

function requireMachine(names) {
  if (process.platform !== "linux") {
    throw new StepError(
      "The sanitizers work only on Linux.",
      "",
      "Run it on Linux. On Windows, run: npm run test:lab",
    );
  }
  const tools = names.includes("windows") ? [...testTools, ...crossBuildTools] : testTools;
  const packages = [...new Set(missingTools(tools).map((tool) => tool.package))];
  if (packages.length > 0) {
    const list = packages.join(" ");
    throw new StepError(
      `Cannot build the native tests: ${list} missing.`,
      "",
      `On Debian or Ubuntu: apt-get install -y --no-install-recommends ${list}`,
    );
  }
}

/** Returns the command that runs a program at addresses that the sanitizers support. */
function inFixedAddresses(program, args) {
  const bits = Number(readFileSync("/proc/sys/vm/mmap_rnd_bits", "utf8"));
  return bits > MOST_RANDOM_BITS
    ? ["setarch", ["--addr-no-randomize", program, ...args]]
    : [program, args];
}

function runTests(preset) {
  if (preset === "windows") {
    return run(`testing ${preset}`, process.execPath, [cli, "lab", "run", "--", windowsProgram], {
      nextStep:
        "Set WSB_TEST_SEED to the seed above to repeat the run; npm run setup makes the lab.",
    });
  }
  return run(`testing ${preset}`, ...inFixedAddresses("ctest", ["--preset", preset]), {
    cwd: folder,
    nextStep: `Set WSB_TEST_SEED to the seed above to repeat the run. If setarch is not permitted, run: sysctl vm.mmap_rnd_bits=${MOST_RANDOM_BITS}`,
  });
}

async function test(preset) {
  const start = performance.now();
  const nextStep = "Fix the compiler's errors, or remove build/native-test.";
  const inFolder = { cwd: folder, nextStep };
  await run(`configuring ${preset}`, "cmake", ["--preset", preset], inFolder);
  await run(`building ${preset}`, "cmake", ["--build", "--preset", preset], inFolder);
  const output = await runTests(preset);
  for (const [, line] of output.matchAll(/(WSB_TEST_SEED=\d+|\[doctest\] test cases.*)/gu)) {
    console.log(`${preset}: ${line}`);
  }
  console.log(`${preset}: ${elapsed(start)}`);
}

async function main(asked) {
  const names = asked.length > 0 ? asked : sanitizers;
  const unknown = names.filter((name) => !presets.includes(name));
  if (unknown.length > 0) {
    console.error(
      `Unknown: ${unknown.join(", ")}. Usage: node tools/test-native.mjs [${presets.join("|")}]...`,
    );
    process.exitCode = 2;
    return;
  }
  try {
    requireMachine(names);
  } catch (error) {
    reportFailure(error);
    process.exitCode = EXIT_CANNOT_RUN;
    return;
  }
  for (const preset of names) await test(preset);
}

await main(process.argv.slice(2)).catch(reportFailure);
