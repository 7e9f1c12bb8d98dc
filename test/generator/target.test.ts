import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TargetExistsError, openTarget, refuseUsedTarget } from "../../generator/target.ts";
import { filesBelow } from "./generator.ts";

let parent: string;
let folder: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "wsb-target-"));
  folder = join(parent, "new", "project");
});
afterEach(() => {
  rmSync(parent, { recursive: true, force: true });
});

describe("a target folder", () => {
  it("gets everything at once, and keeps nothing of the staging folder", () => {
    const target = openTarget(folder);
    mkdirSync(join(target.staging, "src"));
    writeFileSync(join(target.staging, "src/a.ts"), "");
    writeFileSync(join(target.staging, ".gitignore"), "");
    expect(existsSync(join(folder, ".gitignore"))).toBe(false);
    expect(target.commit()).toEqual([".gitignore", "src/a.ts"]);
    expect(readdirSync(folder).toSorted()).toEqual([".gitignore", "src"]);
  });

  it("keeps what was committed when it is discarded afterwards", () => {
    const target = openTarget(folder);
    writeFileSync(join(target.staging, "a.ts"), "");
    target.commit();
    target.discard();
    expect(filesBelow(folder)).toEqual(["a.ts"]);
  });

  it("vanishes with the folders made for it when it is discarded, also twice", () => {
    const target = openTarget(folder);
    writeFileSync(join(target.staging, "a.ts"), "");
    target.discard();
    target.discard();
    expect(readdirSync(parent)).toEqual([]);
  });

  it("keeps what someone else put there meanwhile", () => {
    const target = openTarget(folder);
    writeFileSync(join(folder, "theirs"), "");
    expect(() => target.commit()).toThrow(TargetExistsError);
    target.discard();
    expect(filesBelow(parent)).toEqual(["new/project/theirs"]);
  });

  it("leaves nothing behind when it cannot be created", () => {
    expect(() => openTarget(join(folder, "x".repeat(300)))).toThrow(/ENAMETOOLONG|ENOENT/u);
    expect(readdirSync(parent)).toEqual([]);
  });
});

describe("a folder in use", () => {
  it("is refused with everything in it, dot files included", () => {
    writeFileSync(join(parent, "b"), "");
    mkdirSync(join(parent, ".git"));
    const refuse = (): void => refuseUsedTarget(parent);
    expect(refuse).toThrow(TargetExistsError);
    expect(refuse).toThrow(
      expect.objectContaining({ code: "ERR_WSB_TARGET_EXISTS", entries: [".git", "b"] }),
    );
  });

  it("is not one that is empty or missing", () => {
    expect(() => refuseUsedTarget(parent)).not.toThrow();
    expect(() => refuseUsedTarget(folder)).not.toThrow();
  });
});
