import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { PassThrough } from "node:stream";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { eventFile } from "../../../../src/runtime/events/event-file.ts";
import type { NativeBinding } from "../../../../src/runtime/native/binding.ts";
import type { WriterHandlers } from "../../../../src/runtime/writer/define-writer.ts";
import { guardWriter } from "../../../../src/runtime/writer/guard-writer.ts";
import type { WriterManifest } from "../../../../src/runtime/writer/writer-parts.ts";
import { createFakeBinding } from "../../../helpers/fakes/fake-binding.ts";
import { fakeProtection } from "../../../helpers/fakes/fake-protection.ts";
import { NativeError } from "../../../helpers/fakes/native-error.ts";
import { APP_ID, CLSID, WRITER_ID } from "../../../helpers/manifest.ts";
import { useProgramData } from "../../../helpers/program-data.ts";
import { serviceManifest } from "../../../helpers/service-manifest.ts";

useProgramData();

let reported: string[];
let lockFile: NativeBinding["lockFile"];
const others = process.listeners("uncaughtException");

beforeEach(() => {
  reported = [];
  lockFile = async () => ({ write: () => {}, release: () => {} });
});

afterEach(() => {
  vi.restoreAllMocks();
  // A guardian keeps these for its life.
  for (const listener of process.listeners("uncaughtException")) {
    if (!others.includes(listener)) process.off("uncaughtException", listener);
  }
});

/** Runs a guardian whose service ends at once. */
function guard(
  load: () => Promise<WriterHandlers> = async () => ({}),
  manifest: WriterManifest = serviceManifest(),
): Promise<number> {
  const protection = fakeProtection();
  const fake = createFakeBinding({
    protection,
    reportEvent: (...[, , , strings]) => void reported.push(strings.join(" ")),
  });
  const input = new PassThrough();
  input.end();
  const streams = { input, output: new PassThrough() };
  const api = { ...fake, lockFile };
  return guardWriter({ api, manifest, load, moduleUrl: import.meta.url, streams });
}

describe("the process of a writer's guardian", () => {
  it("succeeds when nothing remains to be thawed", async () => {
    expect(await guard()).toBe(0);
  });

  it("fails without its place", async () => {
    lockFile = async () => null;
    expect(await guard()).toBe(1);
  });

  it("takes its place in a folder that it has made", async () => {
    const found: boolean[] = [];
    lockFile = async (path) => {
      found.push(existsSync(dirname(path)));
      return null;
    };
    await guard();
    expect(found).toEqual([true]);
  });

  it("says why it cannot take its place", async () => {
    lockFile = () => Promise.reject(new NativeError(0x80070005, "CreateFileW"));
    expect(await guard()).toBe(1);
    expect(reported).toEqual([expect.stringContaining("Cannot take the lock")]);
  });

  it("says why its handlers cannot be loaded", async () => {
    expect(await guard(() => Promise.reject(new Error("Syntax error.")))).toBe(1);
    expect(reported).toEqual([
      expect.stringContaining("The guardian of the writer ended: Syntax error."),
    ]);
  });

  it.each([
    ["its add-in", { ...serviceManifest(), addin: { clsid: CLSID, appId: APP_ID } }, CLSID],
    ["its writer", serviceManifest(), WRITER_ID],
  ])("writes its events to the folder of %s", async (_, manifest, id) => {
    await guard(() => Promise.reject(new Error("Syntax error.")), manifest);
    expect(existsSync(eventFile(id))).toBe(true);
  });

  it("can be ended when it is done, and not before", async () => {
    vi.spyOn(process, "exit").mockImplementation(() => {
      throw new Error("The process has ended.");
    });
    await guard(async () => {
      expect(() => process.exit(0)).toThrow("A handler called process.exit(0)");
      return {};
    });
    expect(() => process.exit(0)).toThrow("The process has ended.");
  });
});
