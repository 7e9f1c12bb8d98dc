import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  TargetExistsError,
  findCollisions,
  openTarget,
  refuseUsedTarget,
  renamePatiently,
} from "../../generator/staging.ts";
import type { Target } from "../../generator/staging.ts";
import { filesBelow } from "./generator.ts";

const files = ["src/a.ts", "package.json", ".gitignore"];
let parent: string;
let folder: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "wsb-target-"));
  folder = join(parent, "new", "project");
});
afterEach(() => {
  rmSync(parent, { recursive: true, force: true });
});

function write(path: string, content = ""): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

function openWith(...paths: readonly string[]): Target {
  const target = openTarget(folder);
  for (const path of paths) write(join(target.staging, path), "new");
  return target;
}

describe("a new target folder", () => {
  it("gets all files at once, and does not exist before", () => {
    const target = openWith(...files);
    expect(existsSync(folder)).toBe(false);
    target.commit();
    expect(filesBelow(parent)).toEqual(files.map((file) => `new/project/${file}`).toSorted());
    expect(readdirSync(dirname(folder))).toEqual(["project"]);
  });

  it("is refused when a file outside of it exists", () => {
    write(join(parent, ".github/ledger.yml"), "mine");
    const outside = [...files, "../../.github/ledger.yml", "../../.github/other.yml"];
    expect(() => refuseUsedTarget(folder, outside)).toThrow(
      expect.objectContaining({ collisions: ["../../.github/ledger.yml"] }),
    );
  });

  it("is refused below a file", () => {
    write(join(parent, "new"), "a file");
    expect(() => findCollisions(folder, files)).toThrow(
      expect.objectContaining({ code: "ERR_WSB_FILE", errno: "ENOTDIR" }),
    );
  });

  it("has the machine's usual permissions of new folders", () => {
    openWith(...files).commit();
    mkdirSync(join(parent, "ordinary"));
    expect(statSync(folder).mode).toBe(statSync(join(parent, "ordinary")).mode);
  });

  it("keeps committed files when it is discarded afterwards", () => {
    const target = openWith("a.ts");
    target.commit();
    target.discard();
    expect(filesBelow(folder)).toEqual(["a.ts"]);
  });

  it("is removed with its new parent folders when it is discarded, also twice", () => {
    const target = openWith("a.ts");
    target.discard();
    target.discard();
    expect(readdirSync(parent)).toEqual([]);
  });

  it("keeps files that others put beside it meanwhile", () => {
    const target = openWith("a.ts");
    write(join(parent, "new/theirs"));
    target.discard();
    expect(filesBelow(parent)).toEqual(["new/theirs"]);
  });

  it("leaves nothing behind when it cannot be created", () => {
    expect(() => openTarget(join(folder, "x".repeat(300), "y"))).toThrow(/ENAMETOOLONG|ENOENT/u);
    expect(readdirSync(parent)).toEqual([]);
  });
});

describe("an existing target folder", () => {
  beforeEach(() => {
    mkdirSync(folder, { recursive: true });
  });

  it("gets missing files, also in existing folders, and keeps its own", () => {
    write(join(folder, "src/own.ts"), "own");
    write(join(folder, ".git/HEAD"), "own");
    openWith(...files, "src/deep/b.ts").commit();
    expect(filesBelow(folder)).toEqual(
      [...files, ".git/HEAD", "src/deep/b.ts", "src/own.ts"].toSorted(),
    );
    expect(readFileSync(join(folder, "src/own.ts"), "utf8")).toBe("own");
    expect(readdirSync(dirname(folder))).toEqual(["project"]);
  });

  it("stays unchanged when one file cannot be moved in", () => {
    const target = openWith("a.ts", "b/c.ts", "z.ts");
    write(join(folder, "z.ts"), "theirs, meanwhile");
    expect(() => target.commit()).toThrow(/EEXIST/u);
    target.discard();
    expect(filesBelow(parent)).toEqual(["new/project/z.ts"]);
    expect(readdirSync(folder)).toEqual(["z.ts"]);
    expect(readFileSync(join(folder, "z.ts"), "utf8")).toBe("theirs, meanwhile");
  });

  it("is never written through a broken link", () => {
    symlinkSync(join(parent, "elsewhere"), join(folder, "a.ts"));
    const target = openWith("a.ts");
    expect(() => target.commit()).toThrow(/EEXIST/u);
    target.discard();
    expect(existsSync(join(parent, "elsewhere"))).toBe(false);
  });
});

describe("a folder in use", () => {
  it("is refused with exactly the files that would collide", () => {
    write(join(parent, "package.json"));
    write(join(parent, "src/a.ts"));
    write(join(parent, "src/own.ts"));
    const refuse = (): void => refuseUsedTarget(parent, files);
    expect(refuse).toThrow(TargetExistsError);
    expect(refuse).toThrow(
      expect.objectContaining({
        code: "ERR_WSB_TARGET_EXISTS",
        collisions: ["src/a.ts", "package.json"],
      }),
    );
  });

  it("is refused when nothing would collide", () => {
    write(join(parent, ".git/HEAD"));
    expect(() => refuseUsedTarget(parent, files)).toThrow(
      expect.objectContaining({ collisions: [] }),
    );
  });

  it("does not include an empty or missing folder", () => {
    expect(() => refuseUsedTarget(parent, files)).not.toThrow();
    expect(() => refuseUsedTarget(folder, files)).not.toThrow();
  });

  it("gets no files when a file has the name of a needed folder", () => {
    write(join(parent, "src"));
    expect(() => findCollisions(parent, files)).toThrow(
      expect.objectContaining({ code: "ERR_WSB_TARGET_EXISTS", collisions: ["src"] }),
    );
  });

  it("is refused when it is a file or a broken link", () => {
    write(join(parent, "file"));
    symlinkSync(join(parent, "nowhere"), join(parent, "link"));
    for (const name of ["file", "link"]) {
      expect(() => findCollisions(join(parent, name), files)).toThrow(TargetExistsError);
    }
  });
});

/** A rename that fails the first times. */
function failing(code: string, times: number): { calls: number; rename: () => void } {
  const state = {
    calls: 0,
    rename: () => {
      state.calls += 1;
      if (state.calls <= times) throw Object.assign(new Error(code), { code });
    },
  };
  return state;
}

describe("a rename", () => {
  it("retries while another program has a new file open, like a virus scanner", () => {
    const busy = failing("EPERM", 3);
    const waits: number[] = [];
    renamePatiently("a", "b", { rename: busy.rename, waitMs: (ms) => void waits.push(ms) });
    expect(busy.calls).toBe(4);
    expect(waits).toEqual([50, 50, 50]);
  });

  it("gives up after three seconds", () => {
    const busy = failing("EBUSY", Infinity);
    let waitedMs = 0;
    const system = { rename: busy.rename, waitMs: (ms: number) => void (waitedMs += ms) };
    expect(() => renamePatiently("a", "b", system)).toThrow("EBUSY");
    expect(waitedMs).toBe(3000);
  });

  it("does not retry after a permanent error", () => {
    const system = { rename: failing("ENOENT", 1).rename, waitMs: () => expect.fail("waited") };
    expect(() => renamePatiently("a", "b", system)).toThrow("ENOENT");
  });
});
