import { afterEach, expect, it, vi } from "vitest";

import { WsbError } from "../../../../../src/base/errors.ts";
import {
  createOutput,
  paint,
  printError,
  showText,
  type Screen,
} from "../../../../../src/tools/cli/shared/output.ts";

const SEE_FILE = "  See docs/errors.md#err_wsb_file\n";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** A screen that keeps its output. */
function makeScreen(): { readonly screen: Screen; readonly written: string[] } {
  const written: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((text) => written.push(String(text)) > 0);
  }
  return { screen: createOutput("status", "text"), written };
}

it.each([
  ["an escape sequence", "a\u001B[2Jb", "a\\u001b[2Jb"],
  ["a C1 control", "a\u009B2Jb", "a\\u009b2Jb"],
  ["line breaks", "a\r\nb\u2028c", "a\\u000d\\u000ab\\u2028c"],
  ["a change of direction", "a\u202Egnp.exe", "a\\u202egnp.exe"],
  ["characters that show nothing", "a\u200Bb\u{E0041}", "a\\u200bb\\udb40\\udc41"],
  ["half of a surrogate pair", "a\uD83D", "a\\ud83d"],
  ["other text", "a\tÖ 📒 台帳 \\ %", "a\tÖ 📒 台帳 \\ %"],
])("shows %s on a line of its own", (_, text, shown) => {
  const { screen, written } = makeScreen();
  screen.line(text);
  screen.note(text);
  expect(written).toEqual([`${shown}\n`, `${shown}\n`]);
});

it("keeps its own colours and no others", () => {
  vi.stubEnv("NO_COLOR", "");
  vi.stubEnv("FORCE_COLOR", "1");
  const text = showText(`${paint("red", "a\u001B[8mb")} \u001B[8m`);
  expect(text).toBe("\u001B[31ma\\u001b[8mb\u001B[39m \\u001b[8m");
});

it("keeps the meaning of a JSON text", () => {
  const text = JSON.stringify({ name: "a\u202Eb\u{1F469}\u200D\u{1F467}" });
  expect(JSON.parse(showText(text))).toEqual(JSON.parse(text));
});

it("indents the further lines of an error, and names the page about its code", () => {
  vi.stubEnv("NO_COLOR", "1");
  const { screen, written } = makeScreen();
  printError(screen, new WsbError("ERR_WSB_FILE", "It failed:\n  one\nDone."));
  expect(written).toEqual(["error: It failed:\n", "  one\n", "  Done.\n", SEE_FILE]);
});

it("names no page about an error without a code", () => {
  vi.stubEnv("NO_COLOR", "1");
  const { screen, written } = makeScreen();
  printError(screen, new Error("It failed."));
  expect(written).toEqual(["error: It failed.\n"]);
});
