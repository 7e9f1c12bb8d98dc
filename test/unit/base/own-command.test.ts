import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { commandHere, ownCommand } from "../../../src/base/own-command.ts";

const { argv } = process;

afterEach(() => {
  vi.unstubAllEnvs();
  process.argv = argv;
});

it.each([
  ["in a project", "exec", "/p/node_modules/wsb-addin/dist/cli/main.js", "npx wsb-addin recover"],
  ["by a script of package.json", "run-script", "/p/main.js", "npx wsb-addin recover"],
  ["installed for all", undefined, "/usr/lib/wsb-addin/dist/cli/main.js", "wsb-addin recover"],
  ["packed", undefined, "C:\\Ledger\\wsb-addin.js", "node.exe wsb-addin.js recover"],
])("is what a person types: %s", (_, npmCommand, script, expected) => {
  vi.stubEnv("npm_command", npmCommand);
  process.argv = ["node", script];
  expect(ownCommand("recover")).toBe(expected);
});

describe("what the server of an add-in names", () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "wsb-addin-packed-"));
    writeFileSync(join(folder, "wsb-addin.js"), "");
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ["packed", () => folder, `"node.exe" "<folder>/wsb-addin.js" recover`],
    ["built in a project", () => join(folder, "dist"), "wsb-addin recover"],
  ])("beside its server, %s", (_, place, expected) => {
    const program = { execPath: "node.exe", script: join(place(), "server.js"), isExe: false };
    const command = commandHere("recover", program).replaceAll("\\", "/");
    expect(command).toBe(expected.replace("<folder>", folder.replaceAll("\\", "/")));
  });

  it("in an exe, with its path", () => {
    const program = { execPath: "C:\\A b\\ledger.exe", script: undefined, isExe: true };
    expect(commandHere("recover --start", program)).toBe('"C:\\A b\\ledger.exe" recover --start');
  });

  it("without a script is the name of the kit", () => {
    const program = { execPath: "node.exe", script: undefined, isExe: false };
    expect(commandHere("log", program)).toBe("wsb-addin log");
  });
});
