import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { SaxesParser } from "saxes";
import { beforeEach, describe, expect, it, vi } from "vitest";

import {
  bootTaskName,
  bootTasksOn,
  bootTaskXml,
  hasBootTask,
  needsBootTask,
  removeBootTask,
} from "../../../../src/tools/registration/boot-task.ts";
import { kitFolder } from "../../../../src/base/program-data.ts";
import { fakeProtection } from "../../../helpers/fakes/fake-protection.ts";
import { APP_ID, CLSID, manifestWith } from "../../../helpers/manifest.ts";
import { useProgramData } from "../../../helpers/program-data.ts";

const addin = { clsid: CLSID, appId: APP_ID };

/** Returns the texts of a document's elements by name; throws if it is not well-formed. */
function textsOf(xml: string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  const parser = new SaxesParser();
  const open: string[] = [];
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name }) => open.push(name));
  parser.on("text", (text) => {
    if (text.trim() !== "") texts.set(open.at(-1) ?? "", text);
  });
  parser.on("closetag", () => open.pop());
  parser.write(xml).close();
  return texts;
}

describe("the start-up task", () => {
  it("runs the installed server as SYSTEM, with unchanged paths and names", () => {
    const manifest = manifestWith({ name: '<Ledger> & "Sons"', addin, services: ["A"] });
    const nodeExe = "C:\\R&D\\node.exe";
    const serverScript = "C:\\a b\\server.js";
    const texts = textsOf(bootTaskXml(manifest, { nodeExe, serverScript }));
    expect(texts.get("Command")).toBe(nodeExe);
    expect(texts.get("Arguments")).toBe(`"${serverScript}" --recover ${CLSID}`);
    expect(texts.get("UserId")).toBe("S-1-5-18");
    expect(texts.get("Description")).toContain(manifest.name);
  });

  it("runs only the exe of a packed add-in", () => {
    const texts = textsOf(bootTaskXml(manifestWith({ addin }), { nodeExe: "C:\\a b\\x.exe" }));
    expect([texts.get("Command"), texts.get("Arguments")]).toEqual([
      "C:\\a b\\x.exe",
      `--recover ${CLSID}`,
    ]);
  });

  it("is needed for an add-in that stops services", () => {
    expect(needsBootTask(manifestWith({ addin, services: ["A"] }))).toBe(true);
    expect(needsBootTask(manifestWith({ addin, services: [] }))).toBe(false);
    expect(needsBootTask(manifestWith({ addin: undefined, services: ["A"] }))).toBe(false);
  });
});

describe.skipIf(process.platform === "win32")("the start-up tasks of a machine", () => {
  const programData = useProgramData();
  const api = {
    ...fakeProtection(),
    createProtectedFolder: (path: string) => void mkdirSync(path, { recursive: true }),
  };
  const tasks = bootTasksOn(api, () => {});
  let folder: string;

  beforeEach(() => {
    folder = join(programData(), "Windows");
    vi.stubEnv("SystemRoot", folder);
    mkdirSync(join(folder, "System32", "Tasks"), { recursive: true });
    play("0");
  });

  /** Puts a program in the place of schtasks.exe; it notes its arguments and keeps its input. */
  function play(exit: string): void {
    const program = join(folder, "System32", "schtasks.exe");
    const lines = [
      "#!/bin/sh",
      `echo "$*" >> "${folder}/calls"`,
      `if [ "$1" = /create ]; then cp "$5" "${folder}/input"; fi`,
      `exit ${exit}`,
    ];
    writeFileSync(program, lines.join("\n"));
    chmodSync(program, 0o755);
  }

  function calls(): string {
    return readFileSync(join(folder, "calls"), "utf8");
  }

  function keep(bytes: Uint8Array): void {
    writeFileSync(join(folder, "System32", "Tasks", bootTaskName(CLSID)), bytes);
  }

  it("are created from a file that is gone afterwards, also when the scheduler refuses", async () => {
    await tasks.create(CLSID, "<Task>\u00fc</Task>");
    expect(calls()).toContain(`/create /tn ${bootTaskName(CLSID)} /xml ${kitFolder()}`);
    const input = readFileSync(join(folder, "input"));
    expect(input.toString("utf16le")).toBe("\uFEFF<Task>\u00fc</Task>");
    play("1");
    await expect(tasks.create(CLSID, "<Task/>")).rejects.toMatchObject({
      code: "ERR_WSB_WINDOWS_API",
    });
    expect(readdirSync(kitFolder())).toEqual([]);
  });

  it("are not created when their file cannot be written, and the file is named", async () => {
    const noFolder = bootTasksOn({ ...api, createProtectedFolder: () => {} }, () => {});
    await expect(noFolder.create(CLSID, "<Task/>")).rejects.toMatchObject({
      code: "ERR_WSB_FILE",
      message: expect.stringContaining(`Cannot write ${kitFolder()}`),
    });
    expect(existsSync(join(folder, "calls"))).toBe(false);
  });

  it("are read as the scheduler keeps them, in UTF-16 or not", () => {
    expect([tasks.read(CLSID), hasBootTask(CLSID)]).toEqual([null, false]);
    keep(Buffer.from("\uFEFF<Task>\u00fc</Task>", "utf16le"));
    expect([tasks.read(CLSID), hasBootTask(CLSID)]).toEqual(["<Task>\u00fc</Task>", true]);
    keep(Buffer.from("<Task>\u00fc</Task>"));
    expect(tasks.read(CLSID)).toBe("<Task>\u00fc</Task>");
    keep(Buffer.from([0xff, 0x41]));
    expect(tasks.read(CLSID)).toBe(Buffer.from([0xff, 0x41]).toString());
    keep(Buffer.from([0x41, 0xfe]));
    expect(tasks.read(CLSID)).toBe(Buffer.from([0x41, 0xfe]).toString());
  });

  it("say that they cannot be read, which is not the same as none", () => {
    mkdirSync(join(folder, "System32", "Tasks", bootTaskName(CLSID)));
    expect(() => tasks.read(CLSID)).toThrow(expect.objectContaining({ code: "ERR_WSB_FILE" }));
  });

  it("are removed when they are there, and the scheduler is not asked otherwise", async () => {
    play("1");
    await tasks.remove(CLSID);
    await expect(removeBootTask(CLSID)).resolves.toBe(false);
    keep(Buffer.from("<Task/>"));
    await expect(tasks.remove(CLSID)).rejects.toMatchObject({ code: "ERR_WSB_WINDOWS_API" });
    play("0");
    await expect(removeBootTask(CLSID)).resolves.toBe(true);
    expect(calls().trim().split("\n")).toEqual(
      Array.from({ length: 2 }, () => `/delete /tn ${bootTaskName(CLSID)} /f`),
    );
  });
});
