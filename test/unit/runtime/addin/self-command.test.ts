import { spawnSync } from "node:child_process";

import { describe, expect, it } from "vitest";

import { selfCommand } from "../../../../src/runtime/addin/self-command.ts";

const GUARDIAN = ["--guardian", "a b"];

describe("selfCommand", () => {
  it("returns node.exe and its script", () => {
    const nodeExe = "C:\\Program Files\\nodejs\\node.exe";
    const script = "C:\\Program Files\\Contoso\\server.js";
    const own = { execPath: nodeExe, argv: [nodeExe, script, "-Embedding"], isExe: false };
    expect(selfCommand(GUARDIAN, own)).toEqual({ program: nodeExe, args: [script, ...GUARDIAN] });
  });

  it("returns only the exe, which contains its script", () => {
    const exe = "C:\\Program Files\\Contoso\\contoso.exe";
    // In an exe, Node.js passes the exe's own path as the script.
    const own = { execPath: exe, argv: [exe, exe, "-Embedding"], isExe: true };
    expect(selfCommand(GUARDIAN, own)).toEqual({ program: exe, args: GUARDIAN });
  });

  it("starts this program again", () => {
    const { program, args } = selfCommand([]);
    expect(program).toBe(process.execPath);
    expect(args).toEqual([process.argv[1]]);
    expect(spawnSync(program, ["--version"], { encoding: "utf8" }).stdout.trim()).toBe(
      process.version,
    );
  });
});
