import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { HRESULT } from "../../src/base/hresult.ts";
import { prebuiltShimPath } from "../../src/runtime/native/binding.ts";
import { linkPackages, repository, scaffold } from "../generator/generator.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { runCli, runProgram, type CliResult } from "../helpers/cli.ts";
import {
  buildAddin,
  fixtureEntry,
  makeTestLab,
  type TestAddin,
  type TestLab,
} from "../helpers/lab/test-lab.ts";

const hasCompiler =
  spawnSync("x86_64-w64-mingw32-g++-posix", ["--version"]).status === 0 &&
  spawnSync("ninja", ["--version"]).status === 0;

let testLab: TestLab;
let agent: Agent;
let addin: TestAddin;
let project: string;

function cli(...args: readonly string[]): Promise<CliResult> {
  return runCli(testLab.labFolder, project, args);
}

/** Adds the commands of a project's scripts, like an installation. */
function linkCommands(folder: string): void {
  const bin = join(folder, "node_modules", ".bin");
  mkdirSync(bin);
  const program = `#!/bin/sh\nexec "${process.execPath}" "${join(repository, "dist/cli/main.js")}" "$@"\n`;
  writeFileSync(join(bin, "wsb-addin"), program, { mode: 0o755 });
  symlinkSync(join(repository, "node_modules/.bin/tsc"), join(bin, "tsc"));
}

/**
 * Makes a call without a restore session, so that the server exits afterwards; returns its HRESULT.
 */
async function callOnce(): Promise<number> {
  const { value } = await agent.binding.activate(addin.clsid);
  if (value === undefined) throw new Error("not activated");
  const { hresult } = await value.isRollForwardSupported();
  await value.release();
  return hresult;
}

beforeAll(async () => {
  testLab = makeTestLab();
  [agent, addin] = await Promise.all([
    startAgent(testLab.lab),
    buildAddin(testLab, "self.ts", { lingerMs: 0 }),
  ]);
  project = addin.folder;
});

afterAll(async () => {
  await agent.end();
  await testLab.remove();
});

describe.skipIf(!hasCompiler)("a project's own shim", () => {
  it("is ejected, changed and built, and then the add-in uses it", async () => {
    await agent.register(addin.manifestFile, addin.serverScript);
    expect(await callOnce()).toBe(HRESULT.S_OK);

    const ejected = await cli("shim", "eject", "--json");
    expect(ejected.code, ejected.stderr).toBe(0);
    const native = join(project, "native");
    const { files, packages }: { files: readonly string[]; packages: readonly string[] } =
      JSON.parse(ejected.stdout);
    expect(files).toEqual(
      expect.arrayContaining(["CMakeLists.txt", "idl/wsbapp.idl", "src/addon.cpp"]),
    );
    expect(readdirSync(native).toSorted()).toEqual([
      ".gitignore",
      "CMakeLists.txt",
      "cmake",
      "idl",
      "messages",
      "package.json",
      "src",
    ]);

    const entry = ["--entry", fixtureEntry("self.ts")];
    const early = await cli("build", ...entry);
    expect(early.code).toBe(1);
    expect(early.stderr).toContain("wsb-addin shim build");
    const without = await cli("shim", "build");
    expect(without.code).toBe(1);
    expect(without.stderr).toContain(`npm install --save-dev --save-exact ${packages.join(" ")}`);

    for (const name of packages.map((one) => one.replace(/@[^@]*$/u, ""))) {
      symlinkSync(
        join(repository, "node_modules", name),
        join(project, "node_modules", name),
        "junction",
      );
    }
    const source = join(native, "src", "com", "addin-object.cpp");
    const text = readFileSync(source, "utf8");
    const change = "Reply reply = m_sink->Dispatch(call, CallerProcessId());";
    expect(text).toContain(change);
    // A success code that no prebuilt shim returns.
    writeFileSync(
      source,
      text.replace(change, `${change}\n    if (reply.hresult == S_OK) reply.hresult = S_FALSE;`),
    );
    const built = await cli("shim", "build");
    expect(built.code, built.stderr).toBe(0);
    const used = await cli("build", ...entry);
    expect(used.code, used.stderr).toBe(0);
    const shim = readFileSync(join(project, "dist", "wsb-addin.node"));
    expect(shim.equals(readFileSync(join(native, "build", "wsb-addin.node")))).toBe(true);
    expect(shim.equals(readFileSync(prebuiltShimPath()))).toBe(false);
    expect(await callOnce()).toBe(HRESULT.S_FALSE);
  });

  it("shows the compiler's output", async () => {
    writeFileSync(join(project, "native", "src", "addon.cpp"), "not C++");
    const { code, stderr } = await cli("shim", "build");
    expect(code).toBe(1);
    expect(stderr).toContain("addon.cpp");
  });
});

describe.skipIf(!hasCompiler)("a scaffold with the source of its shim", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "wsb-shim-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("builds with its own script, and COM reaches its handlers through the built shim", async () => {
    const created = await scaffold({ shim: "source", folder: "of ours" }, folder);
    linkPackages(created.folder);
    linkCommands(created.folder);
    const run = (...args: readonly string[]): Promise<CliResult> =>
      runProgram("npm", args, { cwd: created.folder, env: { WSB_ADDIN_LAB: testLab.labFolder } });
    const text = "Dispatch(call, CallerProcessId());";
    const source = join(created.folder, "native/src/com/addin-object.cpp");
    const written = readFileSync(source, "utf8");
    expect(written).toContain(text);
    writeFileSync(
      source,
      written.replace(text, `${text}\n    if (reply.hresult == S_OK) reply.hresult = S_FALSE;`),
    );
    const built = await run("run", "build");
    expect(built.code, `${built.stdout}${built.stderr}`).toBe(0);
    const binary = readFileSync(join(created.folder, "native/build/wsb-addin.node"));
    expect(readFileSync(join(created.folder, "dist/wsb-addin.node")).equals(binary)).toBe(true);

    const manifestFile = join(created.folder, "wsb-addin.json");
    await agent.register(manifestFile, join(created.folder, "dist/server.js"));
    const { value } = await agent.binding.activate(created.clsid);
    expect((await value?.isRollForwardSupported())?.hresult).toBe(HRESULT.S_FALSE);
    await value?.release();
    const simulated = await run("run", "--silent", "simulate");
    expect(simulated.code, `${simulated.stdout}${simulated.stderr}`).toBe(0);
    await agent.unregister(created.writerId);
  });
});

describe("shim eject", () => {
  it("refuses a folder that is not empty", async () => {
    mkdirSync(join(project, "mine"));
    writeFileSync(join(project, "mine", "notes.txt"), "mine");
    const { code, stderr } = await cli("shim", "eject", "--out", "mine");
    expect(code).toBe(1);
    expect(stderr).toContain("not empty");
    expect(readdirSync(join(project, "mine"))).toEqual(["notes.txt"]);
  });
});
