import { connect } from "node:net";

import { beforeEach, describe, expect, it } from "vitest";

import {
  makeShadowCopy,
  type ShadowCopySet,
} from "../../../../../src/tools/simulate/diskshadow/make-shadow-copy.ts";
import { PIPE_VARIABLE } from "../../../../../src/tools/simulate/diskshadow/signal.ts";
import {
  FakeDiskshadow,
  SHADOW_ID,
  type FakeDiskshadowOptions,
} from "../../../../helpers/fakes/fake-diskshadow.ts";
import { fakeProtection } from "../../../../helpers/fakes/fake-protection.ts";
import { useProgramData } from "../../../../helpers/program-data.ts";

useProgramData();

const DEVICE = "\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy3";

let controller: AbortController;
let diskshadow: FakeDiskshadow;

beforeEach(() => {
  controller = new AbortController();
});

function make(
  options: FakeDiskshadowOptions = {},
  startProcess?: FakeDiskshadow["startProcess"],
): Promise<ShadowCopySet> {
  diskshadow = new FakeDiskshadow(options);
  return makeShadowCopy({
    api: { ...fakeProtection(), startProcess: startProcess ?? diskshadow.startProcess },
    program: { file: "C:\\Windows\\System32\\diskshadow.exe", args: [] },
    node: process.execPath,
    writerId: "{D1C0FFEE-0000-4000-8000-0000000000A1}",
    volumes: ["C:\\"],
    deviceOf: async (id) => `${DEVICE} of ${id}`,
    report: () => {},
    signal: controller.signal,
  });
}

describe("diskshadow", () => {
  it("makes shadow copies that exist until their end", async () => {
    const shadow = await make();
    expect(diskshadow.script).toContain("WRITER VERIFY {D1C0FFEE-0000-4000-8000-0000000000A1}");
    expect([...shadow.devices]).toEqual([["C:\\", `${DEVICE} of ${SHADOW_ID}`]]);
    expect(diskshadow.isFolderThere).toBe(true);
    await shadow.end();
    expect(diskshadow.isFolderThere).toBe(false);
  });

  it("tells its own words when it fails, and leaves nothing behind", async () => {
    const failing = make({ failsWith: { exitCode: 1, output: "Kein Writer gefunden.\r\n" } });
    await expect(failing).rejects.toMatchObject({
      code: "ERR_WSB_PROGRAM",
      message: expect.stringContaining("Kein Writer gefunden."),
    });
    expect(diskshadow.isFolderThere).toBe(false);
  });

  it("fails when it ends with another code after the copy", async () => {
    const shadow = await make({ exitCode: 3 });
    await expect(shadow.end()).rejects.toMatchObject({ code: "ERR_WSB_PROGRAM" });
    expect(diskshadow.isFolderThere).toBe(false);
  });

  it.each([
    ["no id", {}],
    ["something else for an id", { WSB_ADDIN_SHADOW_C: "C:\\" }],
  ])("fails when it tells %s", async (_, aliases) => {
    await expect(make({ aliases })).rejects.toMatchObject({ code: "ERR_WSB_PROGRAM" });
    expect(diskshadow.kills).toBeGreaterThan(0);
    expect(diskshadow.isFolderThere).toBe(false);
  });

  it("is ended by an abort, and so are its shadow copies", async () => {
    const shadow = await make();
    controller.abort(new Error("Ctrl-C"));
    await expect(shadow.end()).rejects.toThrow("Ctrl-C");
    expect(diskshadow.kills).toBeGreaterThan(0);
    expect(diskshadow.isFolderThere).toBe(false);
  });

  it("leaves nothing behind when it does not start", async () => {
    const failing = make({}, () => {
      throw new Error("Access is denied.");
    });
    await expect(failing).rejects.toThrow("Access is denied.");
  });

  it("is not heard from somebody else who finds the pipe", async () => {
    const liar = JSON.stringify({ secret: "guessed", ids: { WSB_ADDIN_SHADOW_C: SHADOW_ID } });
    const shadow = await make({}, (options) => {
      const pipe = options.environment
        .find((one) => one.startsWith(`${PIPE_VARIABLE}=`))
        ?.slice(PIPE_VARIABLE.length + 1);
      connect(pipe ?? "").end(`${liar.replace(SHADOW_ID, SHADOW_ID.replace("C", "F"))}\n`);
      return diskshadow.startProcess(options);
    });
    expect(shadow.devices.get("C:\\")).toContain(SHADOW_ID);
    await shadow.end();
  });
});
