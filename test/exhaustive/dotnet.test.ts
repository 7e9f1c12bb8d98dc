import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
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

import rootPackage from "../../package.json" with { type: "json" };
import { HRESULT } from "../../src/base/hresult.ts";
import { runInLab } from "../../src/tools/lab/run.ts";
import { linkPackages, readObject, repository, runNode, scaffold } from "../generator/generator.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { runCli, runProgram } from "../helpers/cli.ts";
import { buildAddin, makeTestLab, type TestAddin, type TestLab } from "../helpers/lab/test-lab.ts";

const hasWixl = spawnSync("wixl", ["--version"]).status === 0;
const MONO = "/usr/lib/libmonosgen-2.0.so.1";
const hasMono = existsSync(MONO) && spawnSync("mcs", ["--version"]).status === 0;

// Shown for skipped tests.
const onMono = hasMono ? "" : " (takes Debian's mono-devel: node tools/setup.mjs --exhaustive)";

/** A project with edge-js, compiled once for Mono. */
async function edgeProject(): Promise<string> {
  const version = rootPackage.peerDependencies["edge-js"].replace("^", "");
  const folder = join(repository, "build", `edge-js-${version}-${process.version}`);
  if (existsSync(join(folder, "ready"))) return folder;
  mkdirSync(folder, { recursive: true });
  const fields = {
    private: true,
    allowScripts: { "edge-js": true },
    dependencies: { "edge-js": version },
  };
  writeFileSync(join(folder, "package.json"), JSON.stringify(fields));
  const args = [
    "install",
    "--no-audit",
    "--no-fund",
    "--no-package-lock",
    "--ignore-scripts=false",
  ];
  const { code, stderr } = await runProgram("npm", args, { cwd: folder });
  expect(code, stderr).toBe(0);
  writeFileSync(join(folder, "ready"), "");
  return folder;
}

function linkEdge(from: string, project: string): void {
  for (const name of ["edge-js", "edge-cs"]) {
    const installed = join(from, "node_modules", name);
    symlinkSync(installed, join(project, "node_modules", name), "junction");
  }
}

describe.skipIf(!hasMono)(`a scaffold whose handlers are in C#${onMono}`, () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "wsb-dotnet-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("passes its own tests on Mono, and skips tests that need .NET without it", async () => {
    const { folder: project } = await scaffold({ dotnet: ["all"], services: ["A"] }, folder);
    linkPackages(project);
    linkEdge(await edgeProject(), project);
    const run = async (env: NodeJS.ProcessEnv): Promise<Record<string, unknown>> => {
      const vitest = join(repository, "node_modules/vitest/vitest.mjs");
      const report = join(project, "report.json");
      const args = ["run", "--reporter=json", `--outputFile=${report}`];
      const { exitCode, stderr } = await runNode(vitest, args, project, { env });
      expect(exitCode, `${stderr}\n${readFileSync(report, "utf8")}`).toBe(0);
      return readObject(report);
    };
    expect(await run({ LD_PRELOAD: MONO })).toMatchObject({
      numPassedTests: 9,
      numPendingTests: 0,
    });
    expect(await run({ LD_PRELOAD: "" })).toMatchObject({ numPassedTests: 1, numPendingTests: 8 });
  });
});

describe.skipIf(!hasMono)(`a .NET handler${onMono}`, () => {
  let testLab: TestLab;
  let agent: Agent;
  let addin: TestAddin;

  beforeAll(async () => {
    testLab = makeTestLab();
    [agent, addin] = await Promise.all([
      startAgent(testLab.lab),
      buildAddin(testLab, "self.ts", { lingerMs: 0 }),
    ]);
    linkEdge(await edgeProject(), addin.folder);
    const source = join(repository, "test", "fixtures", "dotnet", "dotnet");
    cpSync(source, join(addin.folder, "dotnet"), { recursive: true });
  });

  afterAll(async () => {
    await agent.end();
    await testLab.remove();
  });

  it("runs on Mono, from source and as an assembly, with cancellation and errors mapped", async () => {
    const cwd = addin.folder;
    const compiled = spawnSync(
      "mcs",
      ["-target:library", "-out:dotnet/Ledger.dll", "dotnet/Handlers.cs"],
      { cwd, encoding: "utf8" },
    );
    expect(compiled.status, compiled.stderr).toBe(0);
    copyFileSync(join(repository, "test/fixtures/dotnet/drive.mjs"), join(cwd, "drive.mjs"));
    const env = { LD_PRELOAD: MONO };
    const { code, stdout, stderr } = await runProgram(process.execPath, ["drive.mjs"], {
      cwd,
      env,
    });
    expect(code, stderr).toBe(0);
    const { results, logged }: { results: Record<string, object>; logged: readonly string[] } =
      JSON.parse(stdout);
    const cannotLoad = { name: "WsbError", code: "ERR_WSB_DOTNET" };
    expect(results).toMatchObject({
      file: { value: null },
      assembly: { value: null },
      thrown: { name: "System.InvalidOperationException", message: "Books are open" },
      windows: { message: "gone", hresult: 0x80070002 },
      cancelled: { name: "TimeoutError" },
      syntax: cannotLoad,
      noMethod: cannotLoad,
      noAssembly: cannotLoad,
      order: {
        value: [
          { componentName: null, logicalPath: "b" },
          { componentName: "a", logicalPath: null },
        ],
      },
      noOrder: { name: "WsbError", code: "ERR_WSB_HANDLER" },
      boolean: { value: true },
    });
    expect(results["thrown"]).not.toHaveProperty("hresult");
    expect(logged).toEqual(["About to restore Größe 📒", "Restored Größe 📒"]);
  });

  it("is built with its dependencies, and under Wine fails a call without ending the add-in", async () => {
    writeFileSync(
      join(addin.folder, "addin.ts"),
      `import { defineAddin, type Addin } from "wsb-addin";
       import { dotnet } from "wsb-addin/dotnet";
       const addin: Addin = defineAddin({
         preRestore: dotnet({ source: "dotnet/Handlers.cs", type: "Handlers", method: "PreRestore" }),
         isRollForwardSupported: () => true,
       });
       export default addin;`,
    );
    const built = await runCli(testLab.labFolder, addin.folder, ["build", "--entry", "addin.ts"]);
    expect(built.code, built.stderr).toBe(0);
    for (const file of [
      "dotnet/Handlers.cs",
      "node_modules/edge-cs/lib/edge-cs.dll",
      "node_modules/edge-js/lib/native/win32/x64/22/edge_nativeclr.node",
      "node_modules/edge-js/lib/native/win32/x64/22/vcruntime140.dll",
    ]) {
      expect(existsSync(join(addin.folder, "dist", file)), file).toBe(true);
    }
    await agent.register(addin.manifestFile, addin.serverScript);
    const { value } = await agent.binding.activate(addin.clsid);
    const { hresult, description } =
      (await value?.preRestore({
        writerMetadata: null,
        componentName: "a",
        logicalPath: null,
        noRollForward: false,
      })) ?? {};
    expect(hresult).toBe(HRESULT.WSBAPP_E_COMPONENT_PRE_RESTORE_FAILED);
    expect(description).toContain("Wine");
    expect((await value?.isRollForwardSupported())?.value).toBe(true);
    await value?.release();
  });

  it("is refused in a single exe, and installs from a package with all its folders", async () => {
    if (testLab.lab.kind !== "wine") throw new Error("not written for Windows yet");
    const programFiles = join(testLab.lab.prefix, "drive_c", "Program Files");
    const node = join(programFiles, "nodejs", "node.exe");
    const pack = (format: string): ReturnType<typeof runCli> => {
      const args = ["pack", "--entry", "addin.ts", "--format", format, "--node", node];
      return runCli(testLab.labFolder, addin.folder, args);
    };
    const exe = await pack("exe");
    expect(exe.code).toBe(1);
    expect(exe.stderr).toContain("edge-js");
    expect(existsSync(join(addin.folder, "packed"))).toBe(false);
    if (!hasWixl) return;

    const packed = await pack("msi");
    expect(packed.code, packed.stderr).toBe(0);
    const files = readdirSync(join(addin.folder, "packed"));
    const name = files.find((one) => one.endsWith(".msi")) ?? "";
    const cwd = join(addin.folder, "packed");
    const before = readdirSync(programFiles);
    await agent.unregister(addin.writerId);
    expect(await runInLab(testLab.lab, "msiexec", ["/i", name, "/qn"], { cwd })).toBe(0);
    const folder = readdirSync(programFiles).find((one) => !before.includes(one)) ?? "";
    for (const file of ["dotnet/Handlers.cs", "node_modules/edge-js/lib/edge.js", "server.js"]) {
      expect(existsSync(join(programFiles, folder, file)), file).toBe(true);
    }
    expect(await runInLab(testLab.lab, "msiexec", ["/x", name, "/qn"], { cwd })).toBe(0);
    expect(readdirSync(programFiles)).toEqual(before);
  });
});
