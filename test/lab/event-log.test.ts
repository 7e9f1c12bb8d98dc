import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { toWindowsPath } from "../../src/tools/lab/paths.ts";
import { runInLab } from "../../src/tools/lab/run.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { readMessages, severityBits, type Message } from "../helpers/message-table.ts";
import { borrowTestLab, type TestLab } from "../helpers/lab/test-lab.ts";

const prebuilds = new URL("../../prebuilds/win32-x64/", import.meta.url);

let testLab: TestLab;
let agent: Agent;

beforeAll(async () => {
  testLab = borrowTestLab();
  agent = await startAgent(testLab.lab);
});
afterAll(async () => {
  await agent.end();
  await testLab.remove();
});

/** Returns the text that Windows finds for an event in the shim's file. */
async function format({ id, type }: Message, inserts: readonly string[]): Promise<string> {
  const pathOf = (file: string): string =>
    toWindowsPath(testLab.lab, fileURLToPath(new URL(file, prebuilds)));
  let output = "";
  const keep = (text: string): void => {
    output += text;
  };
  const message = (severityBits[type] + id).toString(16);
  const code = await runInLab(
    testLab.lab,
    pathOf("lab/wsb-lab-messages.exe"),
    [pathOf("wsb-addin.node"), message, ...inserts],
    { onStdout: keep, onStderr: keep },
  );
  expect(code, output).toBe(0);
  return output.trimEnd();
}

// The program that reads the texts is built only for the lab.
describe.runIf(process.platform === "linux")("the shim's message table", () => {
  it.each(readMessages())("has the text of event $id with its inserts", async (message) => {
    const inserts = ["Bücher 📒", "b".repeat(4096), "C:\\c", "0xD", "e", "f"];
    const text = message.text
      .replaceAll("%n", "\r\n")
      .replaceAll(/%(\d)/gu, (_, digit: string) => inserts[Number(digit) - 1] ?? "");
    expect(await format(message, inserts)).toBe(text);
  });

  it("has no text for another severity of the same id", async () => {
    await expect(format({ id: 1, type: "error", text: "" }, [])).rejects.toThrow("0x8007013D");
  });
});

describe("reportEvent", () => {
  it.each(["information", "warning", "error"] as const)("reports an event: %s", async (type) => {
    await agent.binding.reportEvent("Contoso Ledger (wsb-addin)", type, 30, ["Bücher 📒 \uD83D"]);
  });

  it("takes from no strings to Windows' maximum, each with the longest insert", async () => {
    const strings = Array.from({ length: 256 }, () => "x");
    await agent.binding.reportEvent("wsb-addin", "error", 65_535, []);
    await agent.binding.reportEvent("wsb-addin", "error", 1, strings);
    await agent.binding.reportEvent("wsb-addin", "error", 1, Array(6).fill("x".repeat(4200)));
  });

  it.each([
    ["an id of 0", 0, [], "eventId"],
    ["an id of 17 bits", 65_536, [], "eventId"],
    ["too many strings", 1, Array.from({ length: 257 }, () => "x"), "strings must have at most"],
  ] as const)("refuses %s", async (_, id, strings, text) => {
    await expect(
      agent.binding.reportEvent("wsb-addin", "information", id, strings),
    ).rejects.toThrow(text);
  });
});
