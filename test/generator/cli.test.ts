import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import generatorPackage from "../../generator/package.json" with { type: "json" };
import { Workbench, addinTemplates, filesBelow, parseObject, readObject } from "./generator.ts";

const canonicalGuid = /^\{[\dA-F]{8}(?:-[\dA-F]{4}){3}-[\dA-F]{12}\}$/u;
const writerId = "{CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}";
const templateFiles = filesBelow(addinTemplates);
const projectFiles = templateFiles.map((file) => file.replace(/\.hbs$/u, "")).toSorted();

// Child processes on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let bench: Workbench;
beforeAll(() => {
  bench = new Workbench();
});
afterAll(() => bench.remove());

function errorOf(stdout: string): Record<string, unknown> {
  return parseObject(JSON.stringify(parseObject(stdout)["error"]));
}

describe.concurrent("a created project", () => {
  it("has the files of the template folder, plain ones byte for byte", async () => {
    const cwd = bench.newFolder();
    const { exitCode, stdout } = await bench.create(cwd, ["ledger", "--json"]);
    expect(exitCode).toBe(0);
    expect(filesBelow(join(cwd, "ledger"))).toEqual(projectFiles);
    expect(parseObject(stdout)["files"]).toEqual(projectFiles);
    for (const file of templateFiles.filter((name) => !name.endsWith(".hbs"))) {
      expect(readFileSync(join(cwd, "ledger", file))).toEqual(
        readFileSync(join(addinTemplates, file)),
      );
    }
  });

  it("has every answer in its manifest", async () => {
    const cwd = bench.newFolder();
    const answers = ["--name", "Contoso Ledger", "--identifier", "Ledger", "--writer-id", writerId];
    const services = ["--service", "ContosoLedger", "--service", `It's "B"`];
    const { stdout } = await bench.create(cwd, [...answers, ...services, "--json"]);
    const manifest = readObject(cwd, "contoso-ledger", "wsb-addin.json");
    expect(manifest).toEqual({
      $schema: "./node_modules/wsb-addin/manifest.schema.json",
      name: "Contoso Ledger",
      writerId,
      applicationIdentifier: "Ledger",
      clsid: expect.stringMatching(canonicalGuid),
      appId: expect.stringMatching(canonicalGuid),
      services: ["ContosoLedger", `It's "B"`],
      timeoutsMs: { preRestore: 900_000, postRestore: 900_000 },
    });
    const { $schema: _schema, timeoutsMs: _timeouts, ...identity } = manifest;
    expect(parseObject(stdout)["identity"]).toEqual({
      ...identity,
      packageName: "contoso-ledger",
      writerIdIsNew: false,
    });
  });

  it.each([
    [`O'Brien & <Söhne> "GmbH"`, "obrien-sohne-gmbh"],
    ["🗄  備份", "my-add-in"],
    ["con", "con-addin"],
    ["../x", "x"],
    [String.raw`C:\Ledger\ `.trimEnd(), "c-ledger"],
    ["$(id) `id` %PATH% ${x} #*_", "id-id-path-x"],
    ["x".repeat(256), "x".repeat(64)],
  ])("can be named %s", async (name, folder) => {
    const cwd = bench.newFolder();
    const { exitCode, stderr } = await bench.create(cwd, ["--name", name]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(readdirSync(cwd)).toEqual([folder]);
    const project = join(cwd, folder);
    expect(filesBelow(project)).toEqual(projectFiles);
    expect(readObject(project, "wsb-addin.json")).toMatchObject({
      name,
      applicationIdentifier: name,
    });
    expect(readObject(project, "package.json")).toMatchObject({ name: folder });
    for (const file of projectFiles) {
      expect(readFileSync(join(project, file), "utf8")).not.toMatch(/\{\{|&(?:amp|lt|quot|#)/u);
    }
  });

  it("keeps a name that looks like a template, and Markdown shows it as text", async () => {
    const cwd = bench.newFolder();
    await bench.create(cwd, ["x", "--name", "{{clsid}} <b> [a](b)"]);
    expect(readObject(cwd, "x", "wsb-addin.json")["name"]).toBe("{{clsid}} <b> [a](b)");
    const [heading] = readFileSync(join(cwd, "x", "README.md"), "utf8").split("\n");
    expect(heading).toBe(String.raw`# {{clsid}} \<b\> \[a\](b)`);
  });

  it("takes a writer id in lower case and without braces", async () => {
    const cwd = bench.newFolder();
    await bench.create(cwd, ["x", "--writer-id", "ce4ef7dc-18ce-4a11-b4c9-d7a668637d1b"]);
    expect(readObject(cwd, "x", "wsb-addin.json")["writerId"]).toBe(writerId);
  });

  it("can go into an empty folder, also the current one", async () => {
    const cwd = bench.newFolder();
    const { exitCode, stdout } = await bench.create(cwd, [".", "--name", "Ledger"]);
    expect(exitCode).toBe(0);
    expect(filesBelow(cwd)).toEqual(projectFiles);
    expect(stdout).not.toContain("cd ");
  });

  it("can go into a new folder below new folders, with blanks and umlauts", async () => {
    const cwd = bench.newFolder();
    const { stdout } = await bench.create(cwd, ["--dir", "add ins/Größe"]);
    expect(filesBelow(join(cwd, "add ins/Größe"))).toEqual(projectFiles);
    expect(stdout).toMatch(/^ {2}cd ['"]add ins[\\/]Größe['"]$/mu);
  });
});

describe.concurrent("what it says", () => {
  it("ends with the commands to type next", async () => {
    const { stdout } = await bench.create(bench.newFolder(), ["ledger"]);
    expect(stdout.trimEnd().split("\n").slice(-6)).toEqual([
      "Next:",
      "  cd ledger",
      "  npm install",
      "  npm run build",
      "  npm run register",
      "  npm run simulate",
    ]);
  });

  it("says that a new writer id must become that of the VSS writer", async () => {
    const line = "must be the id of the application's VSS writer";
    const made = await bench.create(bench.newFolder(), ["x"]);
    const given = await bench.create(bench.newFolder(), ["x", "--writer-id", writerId]);
    expect([made.stdout.includes(line), given.stdout.includes(line)]).toEqual([true, false]);
  });

  it("asks nothing without a terminal", async () => {
    const cwd = bench.newFolder();
    const { exitCode, stdout } = await bench.create(cwd, []);
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain("?");
    expect(readdirSync(cwd)).toEqual(["my-add-in"]);
  });

  it("shows every flag on one screen", async () => {
    const { exitCode, stdout } = await bench.create(bench.newFolder(), ["-h"]);
    const lines = stdout.split("\n");
    expect(exitCode).toBe(0);
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(88);
    for (const name of ["dir", "name", "identifier", "writer-id", "service", "yes", "json"]) {
      expect(stdout).toContain(`--${name}`);
    }
  });

  it("shows its version", async () => {
    const { stdout } = await bench.create(bench.newFolder(), ["--version"]);
    expect(stdout).toBe(`${generatorPackage.version}\n`);
  });
});

describe.concurrent("wrong usage", () => {
  it.each([
    ["an unknown flag", ["--frobnicate"], "--frobnicate"],
    ["a flag without its value", ["--name"], "--name"],
    ["two folders", ["a", "b"], "[dir]"],
    ["an identifier of 257 characters", ["--identifier", "x".repeat(257)], "--identifier"],
    ["a writer id that is no GUID", ["--writer-id", "{ledger}"], "--writer-id"],
    ["a service named twice", ["--service", "Ledger", "--service", "ledger"], "--service"],
    ["a folder Windows keeps for a device", ["nul"], "--dir"],
  ])("is %s: exit code 2, the flag is named, nothing is written", async (_what, args, flag) => {
    const cwd = bench.newFolder();
    const { exitCode, stdout } = await bench.create(cwd, [...args, "--json"]);
    expect(exitCode).toBe(2);
    expect(errorOf(stdout)["code"]).toBe("ERR_WSB_INVALID_ARGUMENT");
    expect(errorOf(stdout)["message"]).toContain(flag);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it("is reported on standard error without --json", async () => {
    const { stdout, stderr } = await bench.create(bench.newFolder(), ["--frobnicate"]);
    expect(stdout).toBe("");
    expect(stderr).toContain("--help");
  });
});

describe.concurrent("a folder in use", () => {
  it("is refused with what is in it, and left as it is", async () => {
    const cwd = bench.newFolder();
    mkdirSync(join(cwd, "ledger"));
    writeFileSync(join(cwd, "ledger/package.json"), "mine");
    writeFileSync(join(cwd, "ledger/.env"), "mine too");
    const { exitCode, stdout } = await bench.create(cwd, ["ledger", "--json"]);
    expect(exitCode).toBe(1);
    expect(errorOf(stdout)).toMatchObject({
      code: "ERR_WSB_TARGET_EXISTS",
      entries: [".env", "package.json"],
    });
    expect(filesBelow(cwd)).toEqual(["ledger/.env", "ledger/package.json"]);
    expect(readFileSync(join(cwd, "ledger/package.json"), "utf8")).toBe("mine");
  });

  it("is refused when the name leads to it", async () => {
    const cwd = bench.newFolder();
    mkdirSync(join(cwd, "ledger/src"), { recursive: true });
    const { exitCode, stderr } = await bench.create(cwd, ["--name", "Ledger"]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/\n {2}src\n$/u);
  });

  it("is refused when it is a file, or below one", async () => {
    const cwd = bench.newFolder();
    writeFileSync(join(cwd, "ledger"), "mine");
    expect((await bench.create(cwd, ["ledger"])).exitCode).toBe(1);
    expect((await bench.create(cwd, ["ledger/below"])).exitCode).toBe(1);
    expect(readFileSync(join(cwd, "ledger"), "utf8")).toBe("mine");
  });
});

describe("a generation that fails", () => {
  let broken: string;
  beforeAll(() => {
    broken = join(bench.newFolder(), "bundle");
    cpSync(bench.bundle, broken, { recursive: true });
    writeFileSync(join(broken, "templates/addin/zz.md.hbs"), "{{#unclosed}}");
  });

  it("exits with 1, names the file and leaves no new folder behind", async () => {
    const cwd = bench.newFolder();
    const { exitCode, stdout } = await bench.create(cwd, ["a/b/c", "--json"], broken);
    expect(exitCode).toBe(1);
    expect(errorOf(stdout)["message"]).toContain("Cannot write zz.md");
    expect(readdirSync(cwd)).toEqual([]);
  });

  it("leaves a folder that was there, empty as before", async () => {
    const cwd = bench.newFolder();
    mkdirSync(join(cwd, "ledger"));
    expect((await bench.create(cwd, ["ledger"], broken)).exitCode).toBe(1);
    expect(readdirSync(cwd)).toEqual(["ledger"]);
    expect(readdirSync(join(cwd, "ledger"))).toEqual([]);
  });
});

// util-linux' script gives the child a terminal.
describe.runIf(existsSync("/usr/bin/script"))("on a terminal", () => {
  it("asks for what no flag gave, again after an answer it cannot use", async () => {
    const cwd = bench.newFolder();
    const exitCode = await answerPrompts(cwd, "--identifier Ledger", [
      ["Product name", "Contoso Ledger"],
      ["contoso-ledger", ""],
      ["VSS writer", "no GUID"],
      ["must be a GUID", `\u0015${writerId}`],
      ["Services", "A, B"],
    ]);
    expect(exitCode).toBe(0);
    expect(readObject(cwd, "contoso-ledger", "wsb-addin.json")).toMatchObject({
      name: "Contoso Ledger",
      applicationIdentifier: "Ledger",
      writerId,
      services: ["A", "B"],
    });
  });

  it("writes nothing when it is interrupted", async () => {
    const cwd = bench.newFolder();
    const exitCode = await answerPrompts(cwd, "", [
      ["Product name", "Contoso Ledger"],
      ["contoso-ledger", "\u0003"],
    ]);
    expect(exitCode).not.toBe(0);
    expect(readdirSync(cwd)).toEqual([]);
  });
});

/** Types each answer once the text it waits for has shown after the one before. */
function answerPrompts(
  cwd: string,
  flags: string,
  answers: readonly (readonly [string, string])[],
): Promise<number | null> {
  const command = `"${process.execPath}" "${join(bench.bundle, "cli.js")}" ${flags}`;
  const child = spawn("/usr/bin/script", ["-qec", command, "/dev/null"], { cwd });
  const waiting = [...answers];
  let shown = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    shown += chunk;
    const [next] = waiting;
    if (next === undefined || !shown.includes(next[0])) return;
    shown = "";
    waiting.shift();
    child.stdin.write(`${next[1]}\r`);
  });
  return new Promise((done) => {
    child.on("close", done);
  });
}

describe("the package", () => {
  it("has no dependencies to install", () => {
    expect(Object.keys(generatorPackage).filter((key) => /dependencies/iu.test(key))).toEqual([]);
  });

  it("is one script, its templates and the licences of what the script contains", () => {
    expect(readdirSync(bench.bundle).toSorted()).toEqual([
      "THIRD-PARTY-LICENSES.txt",
      "cli.js",
      "templates",
    ]);
    expect(filesBelow(join(bench.bundle, "templates/addin"))).toEqual(templateFiles);
  });

  it("has no template npm would leave out of it", () => {
    const leftOut = /(?:^|\/)(?:\.gitignore|\.npmignore|\.npmrc|package-lock\.json|node_modules)$/u;
    expect(templateFiles.filter((file) => leftOut.test(file))).toEqual([]);
  });

  it("carries a licence text for every package in the bundle", () => {
    const text = readFileSync(join(bench.bundle, "THIRD-PARTY-LICENSES.txt"), "utf8");
    const [, ...sections] = text.split(`\n${"-".repeat(80)}\n\n`);
    expect(sections.length).toBeGreaterThan(10);
    for (const section of sections) {
      expect(section).toMatch(/^\S+ \d+\.\d+\.\d+ \((?:MIT|ISC|Apache-2\.0|BSD-\d-Clause)\)\n/u);
      expect(section).toMatch(/copyright/iu);
    }
    for (const name of ["node-plop", "handlebars", "inquirer", "rxjs"]) {
      expect(sections.some((section) => section.startsWith(`${name} `))).toBe(true);
    }
  });
});
