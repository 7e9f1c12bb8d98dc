import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import {
  makeShadowCopy,
  type ShadowCopySet,
} from "../../../../src/tools/diskshadow/make-shadow-copy.ts";
import { PIPE_VARIABLE } from "../../../../src/tools/diskshadow/signal.ts";
import {
  FakeDiskshadow,
  SHADOW_ID,
  type FakeDiskshadowOptions,
} from "../../../helpers/fakes/fake-diskshadow.ts";
import { FakeProcesses } from "../../../helpers/fakes/fake-processes.ts";
import { fakeProtection } from "../../../helpers/fakes/fake-protection.ts";
import { useProgramData } from "../../../helpers/program-data.ts";

const programData = useProgramData();

afterEach(() => {
  vi.useRealTimers();
});

/** The folders of scripts that are there. */
function scripts(): readonly string[] {
  const kit = join(programData(), "wsb-addin");
  return existsSync(kit) ? readdirSync(kit) : [];
}

function nothing(): void {}

const DEVICE = "\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy3";

let controller: AbortController;
let diskshadow: FakeDiskshadow;

beforeEach(() => {
  controller = new AbortController();
});

function make(
  options: FakeDiskshadowOptions = {},
  startProcess?: FakeDiskshadow["startProcess"],
  volumes: readonly string[] = ["C:\\"],
): Promise<ShadowCopySet> {
  diskshadow = new FakeDiskshadow(options);
  return makeShadowCopy({
    api: { ...fakeProtection(), startProcess: startProcess ?? diskshadow.startProcess },
    program: { file: "C:\\Windows\\System32\\diskshadow.exe", args: [] },
    node: process.execPath,
    writerId: "{D1C0FFEE-0000-4000-8000-0000000000A1}",
    volumes,
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

  it("is not started after an abort that comes while it is prepared", async () => {
    const making = make();
    controller.abort(new Error("Ctrl-C"));
    await expect(making).rejects.toThrow("Ctrl-C");
    expect(diskshadow.script).toEqual([]);
    expect(scripts()).toEqual([]);
  });

  it("is ended when it makes no shadow copy for half an hour", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const processes = new FakeProcesses();
    let onStart = nothing;
    const isStarted = new Promise<void>((resolve) => {
      onStart = resolve;
    });
    const making = make({}, (options) => {
      onStart();
      return processes.startProcess(options);
    });
    const failing = expect(making).rejects.toMatchObject({ code: "ERR_WSB_TIMEOUT" });
    await isStarted;
    await vi.advanceTimersByTimeAsync(30 * 60_000);
    await failing;
    expect(scripts()).toEqual([]);
  });

  it("removes what a killed command has left, and no other's", async () => {
    const kit = join(programData(), "wsb-addin");
    const mine = `shadow-${process.pid}-x`;
    for (const name of ["shadow-4194305-x", mine, "shadow", "{1}"]) {
      mkdirSync(join(kit, name), { recursive: true });
    }
    const shadow = await make();
    await shadow.end();
    expect(scripts().toSorted()).toEqual(["shadow", mine, "{1}"].toSorted());
  });

  it("leaves nothing behind for a volume without a letter", async () => {
    await expect(make({}, undefined, ["\\\\SERVER\\SHARE\\"])).rejects.toMatchObject({
      code: "ERR_WSB_INVALID_ARGUMENT",
    });
    expect(scripts()).toEqual([]);
  });

  it("gets each variable once, and none that changes node.exe", async () => {
    vi.stubEnv("wsb_addin_node", "C:\\evil.exe");
    vi.stubEnv("Node_Options", "--inspect");
    let variables: readonly string[] = [];
    const shadow = await make({}, (options) => {
      variables = options.environment;
      return diskshadow.startProcess(options);
    });
    await shadow.end();
    const named = (name: string): readonly string[] =>
      variables.filter((one) => one.toUpperCase().startsWith(`${name}=`));
    expect(named("NODE_OPTIONS")).toEqual([]);
    expect(named("WSB_ADDIN_NODE")).toEqual([`WSB_ADDIN_NODE=${process.execPath}`]);
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
