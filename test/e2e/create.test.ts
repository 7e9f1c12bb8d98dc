import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { flagNames } from "../../generator/flags.ts";
import generatorPackage from "../../generator/package.json" with { type: "json" };
import { KEY, hasTerminal, onTerminal } from "../helpers/terminal.ts";
import type { Turn } from "../helpers/terminal.ts";
import { until } from "../helpers/until.ts";
import {
  Workbench,
  filesBelow,
  parseObject,
  readObject,
  sources,
  templates,
} from "../generator/generator.ts";

const writerId = "{CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}";
const newWriterLine = "It must be the ID of the application's VSS writer";
const guid = "{0F8FAD5B-D9CB-469F-A165-70867728950E}";

// Allows for child processes on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let bench: Workbench;
beforeAll(() => {
  bench = new Workbench();
});
afterAll(() => bench.remove());

function errorOf(stdout: string): Record<string, unknown> {
  const { error, ...common } = parseObject(stdout);
  expect(common).toEqual({ schemaVersion: 1, command: "create", ok: false });
  return parseObject(JSON.stringify(error));
}

/** Programs that precede the machine's own on the PATH. */
function programs(scripts: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const folder = bench.newFolder();
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  return { PATH: `${folder}:${process.env["PATH"] ?? ""}` };
}

/** Runs the generator on a terminal. */
function prompt(cwd: string, flags: string, turns: readonly Turn[], env?: NodeJS.ProcessEnv) {
  const command = `"${process.execPath}" "${join(bench.bundle, "cli.cjs")}" ${flags}`;
  return onTerminal(command, { cwd, turns, env: { ...process.env, ...env } });
}

/** The command that makes what stands in for Windows, where it is needed. */
function labUp(exec: string): readonly string[] {
  return process.platform === "win32" ? [] : [`${exec} wsb-addin lab up`];
}

describe.concurrent("a created project", () => {
  it("is described in one document: files, identity, choices, next commands", async () => {
    const cwd = bench.newFolder();
    const identity = [
      "--name",
      "Contoso Ledger",
      "--identifier",
      "Ledger",
      "--writer-id",
      writerId,
    ];
    const ids = ["--clsid", guid, "--app-id", guid, "--service", "A", "--service", `It's "B"`];
    const form = ["--dotnet", "postRestore", "--shim", "source"];
    const choices = ["--handler", "preRestore,postRestore", ...form, "--ci", "azure"];
    const manager = ["--package-manager", "pnpm", "--json"];
    const args = [...identity, ...ids, ...choices, ...manager];
    const { exitCode, stdout } = await bench.create(cwd, args);
    expect(exitCode).toBe(0);
    const project = join(cwd, "contoso-ledger");
    expect(parseObject(stdout)).toEqual({
      schemaVersion: 1,
      command: "create",
      ok: true,
      folder: project,
      dryRun: false,
      files: filesBelow(project),
      kept: [],
      choices: {
        kind: "add-in",
        writer: "external",
        handlers: ["preRestore", "postRestore"],
        dotnet: ["postRestore"],
        shim: "source",
        ci: "azure",
        packageManager: "pnpm",
        install: false,
        git: false,
      },
      identity: {
        name: "Contoso Ledger",
        packageName: "contoso-ledger",
        applicationIdentifier: "Ledger",
        writerId,
        writerIdIsNew: false,
        clsid: guid,
        appId: guid,
        services: ["A", `It's "B"`],
      },
      added: [],
      todo: [],
      next: expect.arrayContaining(["cd contoso-ledger", "pnpm install", "pnpm run simulate"]),
    });
    expect(readObject(project, "wsb-addin.json")).toMatchObject({ writerId, clsid: guid });
  });

  it("can be made in an empty folder, also the current one", async () => {
    const cwd = bench.newFolder();
    const { exitCode, stdout } = await bench.create(cwd, [".", "--name", "Ledger"]);
    expect(exitCode).toBe(0);
    expect(existsSync(join(cwd, "wsb-addin.json"))).toBe(true);
    expect(readdirSync(cwd).filter((name) => name.startsWith(".create"))).toEqual([]);
    expect(stdout).not.toContain("cd ");
  });

  it("can be made in a new folder below new folders, with blanks and umlauts", async () => {
    const cwd = bench.newFolder();
    const { stdout } = await bench.create(cwd, ["--dir", "add ins/Größe 備份"]);
    expect(existsSync(join(cwd, "add ins/Größe 備份/wsb-addin.json"))).toBe(true);
    expect(stdout).toMatch(/^ {2}cd ['"]add ins[\\/]Größe 備份['"]$/mu);
  });

  it("uses the package manager that runs the generator", async () => {
    const env = { npm_config_user_agent: "yarn/4.5.0 npm/? node/v22.18.0 linux x64" };
    const cwd = bench.newFolder();
    const { stdout } = await bench.create(cwd, ["x", "--writer-id", writerId], { env });
    expect(stdout).not.toContain(newWriterLine);
    expect(stdout).toContain(
      ["  yarn install", ...labUp("  yarn run"), "  yarn run register"].join("\n"),
    );
    expect(readObject(cwd, "x", "package.json")["packageManager"]).toBe("yarn@4.5.0");
  });
});

describe.concurrent("a dry run", () => {
  it("shows the files, the identity and the flags that repeat it, and writes nothing", async () => {
    const cwd = bench.newFolder();
    const { exitCode, stdout } = await bench.create(cwd, ["new/x", "--dry-run"]);
    expect(exitCode).toBe(0);
    expect(readdirSync(cwd)).toEqual([]);
    const [flags = ""] = /^ {2}--writer-id .*$/mu.exec(stdout) ?? [];
    const again = ["new/x", "--json", "--dry-run", ...flags.trim().split(" ")];
    const document = parseObject((await bench.create(cwd, again)).stdout);
    const { files, dryRun, identity } = document;
    expect(dryRun).toBe(true);
    for (const file of Array.isArray(files) ? files : []) expect(stdout).toContain(`  ${file}\n`);
    const { writerId: writer, clsid } = parseObject(JSON.stringify(identity));
    expect(stdout).toContain(String(writer));
    expect(stdout).toContain(String(clsid));
  });
});

describe.concurrent("the output", () => {
  it("has no questions without a terminal, and ends with the next commands", async () => {
    const cwd = bench.newFolder();
    const { exitCode, stdout } = await bench.create(cwd, []);
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain("?");
    expect(stdout).toContain(newWriterLine);
    expect(readdirSync(cwd)).toEqual(["my-add-in"]);
    expect(stdout.slice(stdout.indexOf("Next:")).trimEnd().split("\n")).toEqual([
      "Next:",
      "  cd my-add-in",
      "  npm install",
      ...labUp("  npx"),
      "  npm run register",
      "  npm run simulate",
    ]);
  });

  it("lists every flag on one screen", async () => {
    const { exitCode, stdout } = await bench.create(bench.newFolder(), ["-h"]);
    const lines = stdout.trimEnd().split("\n");
    expect(exitCode).toBe(0);
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
    for (const flag of flagNames) expect(stdout).toContain(`--${flag}`);
  });

  it("has the version for --version", async () => {
    const { stdout } = await bench.create(bench.newFolder(), ["--version"]);
    expect(stdout).toBe(`${generatorPackage.version}\n`);
  });
});

describe.concurrent("wrong usage", () => {
  it("has exit code 2 and a code, names the flag and writes nothing", async () => {
    const cwd = bench.newFolder();
    const { exitCode, stdout } = await bench.create(cwd, ["--kind", "cload", "--json"]);
    expect(exitCode).toBe(2);
    expect(errorOf(stdout)["code"]).toBe("ERR_WSB_INVALID_ARGUMENT");
    expect(errorOf(stdout)["message"]).toContain(
      "--kind must be one of add-in, application, cloud",
    );
    expect(readdirSync(cwd)).toEqual([]);
  });

  it("is reported on standard error without --json", async () => {
    const { exitCode, stdout, stderr } = await bench.create(bench.newFolder(), ["--frobnicate"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toMatch(/--frobnicate.*--help/su);
  });
});

describe.concurrent("a folder in use", () => {
  it("is refused with the files that would collide, and stays unchanged", async () => {
    const cwd = bench.newFolder();
    mkdirSync(join(cwd, "ledger"));
    writeFileSync(join(cwd, "ledger/package.json"), "mine");
    writeFileSync(join(cwd, "ledger/.env"), "mine too");
    const { exitCode, stdout } = await bench.create(cwd, ["ledger", "--json"]);
    expect(exitCode).toBe(1);
    expect(errorOf(stdout)).toMatchObject({
      code: "ERR_WSB_TARGET_EXISTS",
      collisions: ["package.json"],
    });
    expect(filesBelow(cwd)).toEqual(["ledger/.env", "ledger/package.json"]);
    expect(readFileSync(join(cwd, "ledger/package.json"), "utf8")).toBe("mine");
  });

  it("is refused when the name leads to it", async () => {
    const cwd = bench.newFolder();
    mkdirSync(join(cwd, "ledger"));
    writeFileSync(join(cwd, "ledger/README.md"), "mine");
    const { exitCode, stderr } = await bench.create(cwd, ["--name", "Ledger", "--dry-run"]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/\n {2}README\.md\nSee docs\/errors\.md#err_wsb_target_exists .*\n$/u);
  });

  it("is refused when it is below a file", async () => {
    const cwd = bench.newFolder();
    writeFileSync(join(cwd, "ledger"), "mine");
    expect((await bench.create(cwd, ["ledger/below"])).exitCode).toBe(1);
    expect(readFileSync(join(cwd, "ledger"), "utf8")).toBe("mine");
  });

  it("gets only missing files with --merge, with the identity of its manifest", async () => {
    const cwd = bench.newFolder();
    const made = await bench.create(cwd, ["ledger", "--service", "ContosoLedger", "--json"]);
    const project = join(cwd, "ledger");
    const files = filesBelow(project);
    const missing = ["README.md", "src/addin.ts", "test/addin.test.ts"];
    for (const file of missing) rmSync(join(project, file));
    const own = { name: "mine", scripts: { test: "node --test" } };
    writeFileSync(join(project, "package.json"), JSON.stringify(own, undefined, 2));
    const manifest = readFileSync(join(project, "wsb-addin.json"));
    const { exitCode, stdout } = await bench.create(cwd, ["ledger", "--merge", "--json"]);
    expect(exitCode).toBe(0);
    const document = parseObject(stdout);
    expect(document["files"]).toEqual(missing);
    const kept = files.filter((file) => ![...missing, "package.json"].includes(file));
    expect(document["kept"]).toEqual(kept);
    expect(document["identity"]).toMatchObject({
      ...parseObject(JSON.stringify(parseObject(made.stdout)["identity"])),
      writerIdIsNew: false,
    });
    expect(filesBelow(project)).toEqual(files);
    expect(readFileSync(join(project, "wsb-addin.json"))).toEqual(manifest);
    const merged = readObject(project, "package.json");
    expect(merged).toMatchObject({
      name: "mine",
      type: "module",
      scripts: { test: "node --test", register: "npm run build && wsb-addin register" },
      devDependencies: { "wsb-addin": expect.any(String), vitest: expect.any(String) },
    });
    expect(document["added"]).toEqual(expect.arrayContaining(["type", "scripts.register"]));
    expect(document["todo"]).toEqual([expect.stringContaining("vitest run")]);
    expect(document["next"]).toContain("npx wsb-addin register");
    expect(readFileSync(join(project, "test/addin.test.ts"), "utf8")).toContain("ContosoLedger");
  });

  it("stays unchanged with --merge when its manifest is invalid or contradicts a flag", async () => {
    const cwd = bench.newFolder();
    await bench.create(cwd, ["ledger"]);
    const project = join(cwd, "ledger");
    rmSync(join(project, "README.md"));
    const files = filesBelow(project);
    const settled = await bench.create(cwd, ["ledger", "--merge", "--name", "Other", "--json"]);
    expect(settled.exitCode).toBe(2);
    expect(errorOf(settled.stdout)).toMatchObject({
      code: "ERR_WSB_INVALID_ARGUMENT",
      message: expect.stringContaining("Omit --name"),
    });
    writeFileSync(join(project, "wsb-addin.json"), "{}");
    const invalid = await bench.create(cwd, ["ledger", "--merge", "--json"]);
    expect(invalid.exitCode).toBe(2);
    expect(errorOf(invalid.stdout)["code"]).toBe("ERR_WSB_INVALID_MANIFEST");
    expect(filesBelow(project)).toEqual(files);
  });
});

describe("a generation that fails", () => {
  let broken: string;
  beforeAll(() => {
    broken = join(bench.newFolder(), "bundle");
    cpSync(bench.bundle, broken, { recursive: true });
    // A file where the other templates need a folder.
    writeFileSync(join(broken, "templates/common/src"), "");
  });

  it("exits with 1, names the file and leaves no new folder behind", async () => {
    const cwd = bench.newFolder();
    const { exitCode, stdout } = await bench.create(cwd, ["a/b/c", "--json"], { bundle: broken });
    expect(exitCode).toBe(1);
    expect(errorOf(stdout)).toMatchObject({
      code: "ERR_WSB_FILE",
      message: expect.stringContaining("Cannot write src/addin.ts"),
    });
    expect(readdirSync(cwd)).toEqual([]);
  });

  it("keeps an existing folder, empty as before", async () => {
    const cwd = bench.newFolder();
    mkdirSync(join(cwd, "ledger"));
    expect((await bench.create(cwd, ["ledger"], { bundle: broken })).exitCode).toBe(1);
    expect(readdirSync(cwd)).toEqual(["ledger"]);
    expect(readdirSync(join(cwd, "ledger"))).toEqual([]);
  });

  it.runIf(hasTerminal)("leaves nothing behind on a full disk", async () => {
    const cwd = bench.newFolder();
    // A limit on the file size interrupts a write, like a full disk.
    const command = `sh -c 'ulimit -f 1; "${process.execPath}" "${bench.bundle}/cli.cjs" x --yes'`;
    const { exitCode, shown } = await onTerminal(command, { cwd, turns: [] });
    expect(exitCode).toBe(1);
    expect(shown).toMatch(/Cannot write \S+: EFBIG/u);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it.runIf(process.getuid?.() === 0)("says that a folder is read-only", async () => {
    const cwd = bench.newFolder();
    chmodSync(cwd, 0o555);
    const { exitCode, stdout } = await bench.create(cwd, ["x", "--json"], { uid: 65_534 });
    expect(exitCode).toBe(1);
    expect(errorOf(stdout)).toMatchObject({
      code: "ERR_WSB_FILE",
      message: expect.stringMatching(/^Cannot create \S+: EACCES.*another folder\.$/u),
    });
    expect(readdirSync(cwd)).toEqual([]);
  });
});

describe.runIf(process.platform !== "win32")("packages and repository", () => {
  const git = `case "$1" in rev-parse) echo false;; *) mkdir .git; echo "$@" > .git/made;; esac`;

  it("are complete when the project is", async () => {
    const cwd = bench.newFolder();
    const env = programs({ npm: `echo "$@" > installed; echo noise`, git });
    const { exitCode, stdout } = await bench.create(cwd, ["x", "--install", "--git", "--json"], {
      env,
    });
    expect(exitCode).toBe(0);
    expect(readFileSync(join(cwd, "x/installed"), "utf8")).toBe("install\n");
    expect(readFileSync(join(cwd, "x/.git/made"), "utf8")).toContain("init");
    expect(parseObject(stdout)["next"]).toEqual([
      "cd x",
      "npx wsb-addin lab up",
      "npm run register",
      "npm run simulate",
    ]);
  });

  it("leave nothing behind when they cannot be installed, and the reason is shown", async () => {
    const cwd = bench.newFolder();
    const reason = "npm error code ECONNREFUSED\nnpm error request to http://r/x failed\n";
    const env = programs({ npm: `mkdir node_modules; printf '${reason}' >&2; exit 1` });
    const { exitCode, stdout } = await bench.create(cwd, ["a/x", "--install", "--json"], { env });
    expect(exitCode).toBe(1);
    expect(errorOf(stdout)["message"]).toBe(
      "npm install failed (exit code 1: request to http://r/x failed). Nothing was created. Check the network and the registry, or omit --install.",
    );
    expect(readdirSync(cwd)).toEqual([]);
  });

  it("are not made inside an existing repository", async () => {
    const cwd = bench.newFolder();
    const env = programs({ git: `[ "$1" = rev-parse ] && echo true || mkdir .git` });
    expect((await bench.create(cwd, ["x", "--git"], { env })).exitCode).toBe(0);
    expect(existsSync(join(cwd, "x/.git"))).toBe(false);
  });

  it("leave nothing behind when the generator is killed meanwhile", async () => {
    const cwd = bench.newFolder();
    const started = join(bench.newFolder(), "started");
    const env = programs({ npm: `mkdir node_modules; touch "${started}"; exec sleep 600` });
    const controller = new AbortController();
    const ended = bench.create(cwd, ["a/x", "--install"], { env, signal: controller.signal });
    await until("npm", () => existsSync(started) || undefined);
    controller.abort();
    expect((await ended).exitCode).toBe(143);
    expect(readdirSync(cwd)).toEqual([]);
  });
});

describe.runIf(hasTerminal)("on a terminal", () => {
  it("asks for answers that no flag gave, and repeats a question after an invalid answer", async () => {
    const cwd = bench.newFolder();
    const { exitCode, left } = await prompt(cwd, "--identifier Ledger", [
      ["Kind of project", KEY.enter],
      ["Product name", `Contoso Ledger${KEY.enter}`],
      ["VSS writer", `${KEY.down}${KEY.down}${KEY.down}${KEY.enter}`],
      ["Class ID of the VSS writer", `no GUID${KEY.enter}`],
      ["must be a GUID", `${KEY.clearLine}${writerId}${KEY.enter}`],
      ["Services", `A, B${KEY.enter}`],
      ["More choices", `y${KEY.enter}`],
      ["contoso-ledger", KEY.enter],
      ["Handlers", `${KEY.space}${KEY.enter}`],
      ["write in C#", `${KEY.down}${KEY.space}${KEY.enter}`],
      ["Shim", `${KEY.down}${KEY.enter}`],
      ["Continuous integration", `${KEY.down}${KEY.enter}`],
      ["Package manager", KEY.enter],
      ["Install the packages", KEY.enter],
      ["git repository", KEY.enter],
    ]);
    expect({ exitCode, left }).toEqual({ exitCode: 0, left: [] });
    const project = join(cwd, "contoso-ledger");
    expect(readObject(project, "wsb-addin.json")).toMatchObject({
      name: "Contoso Ledger",
      applicationIdentifier: "Ledger",
      writerId,
      services: ["A", "B"],
    });
    expect(filesBelow(join(project, "src/handlers"))).not.toContain("is-roll-forward-supported.ts");
    expect(existsSync(join(project, "azure-pipelines.yml"))).toBe(true);
    // The first handler was deselected.
    expect(filesBelow(join(project, "dotnet"))).toEqual(["PreRestore.cs"]);
    expect(existsSync(join(project, "native/CMakeLists.txt"))).toBe(true);
  });

  it("asks a cloud backup provider nothing about an application", async () => {
    const cwd = bench.newFolder();
    const flags = "x --ci none --package-manager npm --no-install --no-git";
    const { exitCode, left, shown } = await prompt(cwd, flags, [
      ["Kind of project", `${KEY.down}${KEY.down}${KEY.enter}`],
      ["Product name", KEY.enter],
    ]);
    expect({ exitCode, left }).toEqual({ exitCode: 0, left: [] });
    expect(shown).not.toMatch(/VSS|Handlers|Services|Shim|identifier, as/u);
    expect(existsSync(join(cwd, "x/provider.json"))).toBe(true);
  });

  it("lets choose from the writers and the services of the machine", async () => {
    const cwd = bench.newFolder();
    const windows = bench.newFolder();
    const powershell = join(windows, "System32/WindowsPowerShell/v1.0");
    mkdirSync(powershell, { recursive: true });
    const writer = `Writer name: 'Ledger Writer'\n  Writer Id: ${writerId}\n  Instance: ${guid}\n`;
    const list = `if [ -n "$WSB_ADDIN_VSSADMIN" ]; then printf "${writer}"; else printf 'Alpha\\tA\\nBeta\\tB\\n'; fi`;
    for (const file of [
      "System32/vssadmin.exe",
      "System32/WindowsPowerShell/v1.0/powershell.exe",
    ]) {
      writeFileSync(join(windows, file), `#!/bin/sh\n${list}\n`, { mode: 0o755 });
    }
    const flags =
      "x --kind add-in --name X --identifier X --handler all --dotnet none --shim prebuilt --ci none --package-manager npm";
    const turns: Turn[] = [
      ["Ledger Writer", `${KEY.down}${KEY.down}${KEY.down}${KEY.down}${KEY.enter}`],
      ["Beta  B", `${KEY.down}${KEY.space}${KEY.enter}`],
    ];
    const env = { SystemRoot: windows };
    const { exitCode, left } = await prompt(cwd, `${flags} --no-install --no-git`, turns, env);
    expect({ exitCode, left }).toEqual({ exitCode: 0, left: [] });
    const manifest = readObject(cwd, "x", "wsb-addin.json");
    expect(manifest).toMatchObject({ writerId, services: ["Beta"] });
  });

  it("cites vssadmin when it shows no writers, and takes a class ID", async () => {
    const cwd = bench.newFolder();
    const windows = bench.newFolder();
    mkdirSync(join(windows, "System32/WindowsPowerShell/v1.0"), { recursive: true });
    const words = "Fehler: Sie haben keine Berechtigung für diesen Befehl.";
    const powershell = `#!/bin/sh\n[ -n "$WSB_ADDIN_VSSADMIN" ] || exit 0\necho "${words}"\nexit 2\n`;
    for (const file of [
      "System32/vssadmin.exe",
      "System32/WindowsPowerShell/v1.0/powershell.exe",
    ]) {
      writeFileSync(join(windows, file), powershell, { mode: 0o755 });
    }
    const { exitCode, left } = await prompt(
      cwd,
      "x --kind application --name X",
      [
        [words, `${KEY.down}${KEY.down}${KEY.down}${KEY.enter}`],
        ["Class ID of the VSS writer", `${writerId}${KEY.enter}`],
        ["More choices", KEY.enter],
      ],
      { SystemRoot: windows },
    );
    expect({ exitCode, left }).toEqual({ exitCode: 0, left: [] });
    expect(readObject(cwd, "x", "wsb-addin.json")).toMatchObject({ writerId });
  });

  it("leaves nothing behind when it is interrupted while packages are installed", async () => {
    const cwd = bench.newFolder();
    const script = `mkdir node_modules; echo ready > /dev/tty; exec sleep 600`;
    const turns: Turn[] = [["ready", KEY.interrupt]];
    const env = programs({ npm: script });
    const { exitCode, left } = await prompt(cwd, "x --yes --install", turns, env);
    expect({ exitCode, left }).toEqual({ exitCode: 130, left: [] });
    expect(readdirSync(cwd)).toEqual([]);
  });
});

describe("the package", () => {
  it("is a script, its templates, the source of the shim, and the licences of the script's packages", () => {
    expect(readdirSync(bench.bundle).toSorted()).toEqual([
      "THIRD-PARTY-LICENSES.txt",
      "cli.cjs",
      "shim-source",
      "templates",
    ]);
    expect(filesBelow(join(bench.bundle, "templates"))).toEqual(filesBelow(templates));
    expect(filesBelow(join(bench.bundle, "shim-source"))).toEqual(filesBelow(sources.shim));
  });

  it("has no template that npm would omit", () => {
    const leftOut = /(?:^|\/)(?:\.gitignore|\.npmignore|\.npmrc|package-lock\.json|node_modules)$/u;
    const files = Object.values(sources).flatMap(filesBelow);
    expect(files.filter((file) => leftOut.test(file))).toEqual([]);
  });

  it("contains a licence text for every package in the bundle", () => {
    const text = readFileSync(join(bench.bundle, "THIRD-PARTY-LICENSES.txt"), "utf8");
    const [, ...sections] = text.split(`\n${"-".repeat(80)}\n\n`);
    expect(sections.length).toBeGreaterThan(10);
    for (const section of sections) {
      expect(section).toMatch(
        /^\S+ \d+\.\d+\.\d+ \((?:MIT|ISC|Apache-2\.0|0BSD|BSD-\d-Clause)\)\n/u,
      );
      expect(section).toMatch(/copyright/iu);
    }
    for (const name of ["node-plop", "handlebars", "inquirer", "rxjs"]) {
      expect(sections.some((section) => section.startsWith(`${name} `))).toBe(true);
    }
  });
});
