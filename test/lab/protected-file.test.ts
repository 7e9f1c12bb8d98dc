import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { toWindowsPath } from "../../src/tools/lab/paths.ts";
import { runInLab } from "../../src/tools/lab/run.ts";
import { labProgram } from "../helpers/lab/lab-programs.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { borrowTestLab, type TestLab } from "../helpers/lab/test-lab.ts";

const EVERYONE = "S-1-1-0";
const MAX_BYTES = 100;

let testLab: TestLab;
let agent: Agent;
let top: string;
let below: string;
let file: string;

beforeAll(async () => {
  testLab = borrowTestLab();
  agent = await startAgent(testLab.lab);
});
afterAll(async () => {
  await agent.end();
  await testLab.remove();
});
beforeEach(() => {
  top = mkdtempSync(join(testLab.folder, "kit-"));
  below = join(top, "addin");
  mkdirSync(below, { mode: 0o755 });
  file = join(below, "record");
  writeFileSync(file, "a record", { mode: 0o644 });
});

function windows(path: string): string {
  return toWindowsPath(testLab.lab, path);
}

async function readText(): Promise<string> {
  const bytes = await read();
  if (!(bytes instanceof Uint8Array)) throw new Error(JSON.stringify(bytes));
  return Buffer.from(bytes).toString();
}

function read(): ReturnType<Agent["binding"]["readProtectedFile"]> {
  return agent.binding.readProtectedFile([top, below].map(windows), windows(file), MAX_BYTES);
}

describe("readProtectedFile", () => {
  it("returns the bytes of a file that nobody else can change", async () => {
    expect(await readText()).toBe("a record");
    writeFileSync(file, "");
    expect(await read()).toEqual(new Uint8Array());
  });

  it("returns null for a missing file and a missing folder", async () => {
    rmSync(file);
    expect(await read()).toBeNull();
    rmSync(below, { recursive: true });
    expect(await read()).toBeNull();
  });

  it("refuses a file that is too large", async () => {
    writeFileSync(file, "x".repeat(MAX_BYTES));
    expect(await read()).toHaveLength(MAX_BYTES);
    writeFileSync(file, "x".repeat(MAX_BYTES + 1));
    await expect(read()).rejects.toMatchObject({ hresult: 0x800700df, api: "ReadFile" });
  });

  it("refuses a file with a second name", async () => {
    linkSync(file, join(testLab.folder, `${Date.now()}-second`));
    expect(await read()).toMatchObject({ path: windows(file), reason: "hardLink", account: "" });
  });

  it("refuses a folder where the file must be, and a file where a folder must be", async () => {
    rmSync(file);
    mkdirSync(file);
    expect(await read()).toMatchObject({ path: windows(file), reason: "kind" });
    rmSync(below, { recursive: true });
    writeFileSync(below, "");
    expect(await read()).toMatchObject({ path: windows(below), reason: "kind" });
  });
});

// Wine derives a file's security from its Unix mode.
describe.runIf(process.platform !== "win32")("readProtectedFile, with rights of others", () => {
  it.each([
    ["the highest folder", () => top, 0o777],
    ["the folder of the file", () => below, 0o777],
    ["the file", () => file, 0o666],
  ])("refuses %s, and says who may change it", async (_, place, mode) => {
    const closed = mode & 0o755;
    chmodSync(place(), mode);
    expect(await read()).toMatchObject({
      path: windows(place()),
      reason: "access",
      account: EVERYONE,
      owner: expect.stringMatching(/^S-1-5-21-/u),
    });
    chmodSync(place(), closed);
    expect(await read()).toBeInstanceOf(Uint8Array);
  });

  it.runIf(process.getuid?.() === 0)("refuses what another Unix user owns", async () => {
    for (const place of [below, file]) {
      chownSync(place, 12_345, 12_345);
      expect(await read()).toMatchObject({ path: windows(place), reason: "owner" });
      chownSync(place, 0, 0);
    }
  });
});

function inspect(path: string): ReturnType<Agent["binding"]["inspectProtected"]> {
  return agent.binding.inspectProtected(windows(path));
}

describe("inspectProtected", () => {
  it("tells files and folders apart, and returns null for nothing", async () => {
    expect(await inspect(file)).toMatchObject({ isFolder: false, distrust: null });
    expect(await inspect(below)).toMatchObject({ isFolder: true, distrust: null });
    expect(await inspect(join(below, "nothing"))).toBeNull();
    expect(await inspect(join(top, "nothing", "nothing"))).toBeNull();
  });

  it("trusts a folder that the shim has protected", async () => {
    const folder = join(top, "protected");
    await agent.binding.createProtectedFolder(windows(folder));
    expect(await inspect(folder)).toMatchObject({ isFolder: true, distrust: null });
  });

  // Wine shows a link of Unix as what it leads to.
  it.runIf(process.platform === "win32")("looks at a junction itself", async () => {
    const link = join(top, "junction");
    symlinkSync(below, link, "junction");
    expect(await inspect(link)).toMatchObject({
      isReparsePoint: true,
      distrust: { reason: "link" },
    });
  });
});

describe("moveAside", () => {
  it("renames a folder with what it holds, and never over something", async () => {
    const aside = join(top, "aside");
    await agent.binding.moveAside(windows(below), windows(aside));
    expect([existsSync(below), existsSync(join(aside, "record"))]).toEqual([false, true]);
    mkdirSync(below);
    await expect(agent.binding.moveAside(windows(below), windows(aside))).rejects.toMatchObject({
      api: "MoveFileExW",
    });
  });
});

describe("knownFolders", () => {
  it("are used whatever the environment says", async () => {
    let output = "";
    const script = windows(labProgram("misled"));
    await runInLab(testLab.lab, testLab.lab.nodeExe, [script], {
      onStdout: (text) => {
        output += text;
      },
    });
    expect(output.trim().split(/\r?\n/u)).toEqual([
      "C:\\ProgramData\\wsb-addin",
      expect.stringMatching(/^C:\\windows$/iu),
    ]);
  });

  it("are those of this machine", async () => {
    expect(await agent.binding.knownFolders()).toEqual({
      programData: "C:\\ProgramData",
      windows: expect.stringMatching(/^C:\\windows$/iu),
    });
  });
});
