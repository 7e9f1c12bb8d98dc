import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { addinFolder, kitFolder } from "../../../../src/base/program-data.ts";
import type { Distrust } from "../../../../src/runtime/native/binding.ts";
import {
  readProtected,
  requireProtectedFile,
  requireProtectedFolder,
} from "../../../../src/runtime/native/protected-file.ts";
import {
  makeProtectedFolder,
  type ProtectionApi,
} from "../../../../src/runtime/native/protected-folder.ts";
import {
  ADMINISTRATORS,
  MALLORY,
  OWNED_BY_MALLORY,
  fakeProtection,
} from "../../../helpers/fakes/fake-protection.ts";
import { NativeError } from "../../../helpers/fakes/native-error.ts";
import { CLSID } from "../../../helpers/manifest.ts";

const FOREIGN = expect.objectContaining({ code: "ERR_WSB_FOREIGN_FILE" });
const LETS_EVERYONE: Distrust = { owner: ADMINISTRATORS, reason: "access", account: "S-1-1-0" };

let programData: string;
let foreign: Map<string, Distrust>;
let api: ProtectionApi;
let file: string;

beforeEach(() => {
  programData = mkdtempSync(join(tmpdir(), "protected-"));
  vi.stubEnv("ProgramData", programData);
  foreign = new Map();
  api = fakeProtection(foreign);
  file = join(addinFolder(CLSID), "session.log");
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(programData, { recursive: true });
});

function plant(): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, "planted");
}

const places: readonly (readonly [place: string, path: () => string])[] = [
  ["the kit's folder", kitFolder],
  ["the add-in's folder", () => addinFolder(CLSID)],
  ["the file", () => file],
];

describe("a file below ProgramData", () => {
  it("is read when nobody else can change it or its folders", () => {
    plant();
    expect(Buffer.from(readProtected(api, file) ?? []).toString()).toBe("planted");
    expect(requireProtectedFile(api, file)).toBeUndefined();
  });

  it("is missing when it or a folder is", () => {
    expect(readProtected(api, file)).toBeUndefined();
    expect(requireProtectedFolder(api, dirname(file))).toBe(false);
    plant();
    expect(requireProtectedFolder(api, dirname(file))).toBe(true);
  });

  it.each(places)("is not read when somebody else can change %s", (_, path) => {
    plant();
    for (const reason of ["owner", "access", "link", "hardLink", "kind"] as const) {
      foreign.set(path(), { owner: MALLORY, reason, account: MALLORY });
      expect(() => readProtected(api, file)).toThrow(FOREIGN);
      expect(() => requireProtectedFile(api, file)).toThrow(FOREIGN);
    }
  });

  it("is not read when it is a folder, nor when its folder is a file", () => {
    mkdirSync(file, { recursive: true });
    expect(() => requireProtectedFile(api, file)).toThrow(FOREIGN);
    rmSync(dirname(file), { recursive: true });
    writeFileSync(dirname(file), "");
    expect(() => requireProtectedFile(api, file)).toThrow(FOREIGN);
    expect(() => requireProtectedFolder(api, dirname(file))).toThrow(FOREIGN);
  });

  it("names the path and the account", () => {
    plant();
    foreign.set(kitFolder(), OWNED_BY_MALLORY);
    const named = { ...api, accountName: () => "CONTOSO\\mallory" };
    expect(() => readProtected(named, file)).toThrow(kitFolder());
    expect(() => readProtected(named, file)).toThrow(`CONTOSO\\mallory (${MALLORY})`);
  });

  it("must be below the kit's folder", () => {
    for (const path of [join(programData, "other", "x"), join(kitFolder(), "..", "x")]) {
      expect(() => readProtected(api, path)).toThrow(RangeError);
    }
  });
});

/** Returns what was set aside, below ProgramData. */
function asideOf(name: string): readonly string[] {
  const paths = readdirSync(programData, { recursive: true, encoding: "utf8" });
  return paths.filter((path) => path.includes(`${name}.foreign-`));
}

describe("makeProtectedFolder", () => {
  const reports: string[] = [];
  const make = (): void =>
    makeProtectedFolder(api, addinFolder(CLSID), (text) => void reports.push(text));
  beforeEach(() => {
    reports.length = 0;
  });

  it("makes the kit's folder and the folders below, and reports nothing", () => {
    make();
    make();
    expect(existsSync(addinFolder(CLSID))).toBe(true);
    expect(reports).toEqual([]);
  });

  it.each(places.slice(0, 2))("sets %s aside with what it holds, says whose it was", (_, path) => {
    plant();
    foreign.set(path(), OWNED_BY_MALLORY);
    make();
    expect(readdirSync(addinFolder(CLSID))).toEqual([]);
    expect(reports).toEqual([expect.stringContaining(MALLORY)]);
    const aside = asideOf(path().slice(dirname(path()).length + 1));
    expect(aside.some((one) => one.endsWith("session.log"))).toBe(true);
    expect(reports[0]).toContain(join(programData, aside[0] ?? "nothing"));
  });

  it("sets aside to a name that nobody could take first", () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    for (let times = 0; times < 2; times += 1) {
      plant();
      foreign.set(kitFolder(), OWNED_BY_MALLORY);
      make();
    }
    vi.useRealTimers();
    const aside = readdirSync(programData).filter((name) => name.includes(".foreign-"));
    expect(aside).toHaveLength(2);
  });

  it("sets a file in place of a folder aside", () => {
    writeFileSync(kitFolder(), "in the way");
    make();
    expect(readFileSync(join(programData, asideOf("wsb-addin")[0] ?? ""), "utf8")).toBe(
      "in the way",
    );
  });

  it("sets a folder of Administrators aside in which others may have left something", () => {
    plant();
    foreign.set(addinFolder(CLSID), LETS_EVERYONE);
    make();
    expect(readdirSync(addinFolder(CLSID))).toEqual([]);
    expect(reports).toEqual([expect.stringContaining("can be changed by S-1-1-0")]);
  });

  it("wins against somebody who makes the folder again", () => {
    let times = 3;
    const raced = {
      ...api,
      createProtectedFolder(path: string): void {
        if (times > 0) {
          times -= 1;
          mkdirSync(path, { recursive: true });
          foreign.set(path, OWNED_BY_MALLORY);
          throw new NativeError(0x8007051b, "CreateDirectoryW");
        }
        api.createProtectedFolder(path);
      },
    };
    makeProtectedFolder(raced, kitFolder(), (text) => void reports.push(text));
    expect(reports).toHaveLength(3);
    expect(foreign.has(kitFolder())).toBe(false);
  });

  it("fails when the folder cannot be set aside, and names its owner", () => {
    plant();
    foreign.set(kitFolder(), OWNED_BY_MALLORY);
    const held = {
      ...api,
      moveAside(): never {
        throw new NativeError(0x80070020, "MoveFileExW");
      },
    };
    const attempt = (): void => makeProtectedFolder(held, kitFolder(), () => {});
    expect(attempt).toThrow(
      expect.objectContaining({
        code: "ERR_WSB_WINDOWS_API",
        message: expect.stringContaining(MALLORY),
      }),
    );
  });
});
