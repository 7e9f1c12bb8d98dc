import { afterEach, expect, it, vi } from "vitest";

import { ownCommand } from "../../../../../src/tools/cli/shared/own-command.ts";

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
