import { spawn } from "node:child_process";
import { once } from "node:events";

import { WsbError } from "../../base/errors.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import { type Abilities, readAbilities } from "./abilities.ts";
import { PREBUILT } from "./binaries.ts";
import type { WineLab } from "./lab.ts";
import { toWindowsPath } from "./paths.ts";
import { captureInLab } from "./run.ts";
import { wineEnvironment, wineCommand } from "./wine.ts";

// Runs in the lab's node.exe; each question answers by true, anything else is a no.
const QUESTIONS = String.raw`
const { spawnSync } = require("node:child_process");
const { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } = require("node:fs");
const { createServer } = require("node:http");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const questions = {
  async fetch() {
    const server = createServer((_, response) => response.end("yes"));
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      return (await (await fetch("http://127.0.0.1:" + server.address().port)).text()) === "yes";
    } finally {
      server.close();
      server.closeAllConnections();
    }
  },
  volumePaths() {
    const { stdout } = spawnSync("reg.exe", ["query", "HKLM\\SYSTEM\\MountedDevices"], { encoding: "latin1" });
    const [volume] = /Volume\{[^}]+\}/.exec(stdout);
    return readdirSync("\\\\?\\" + volume + "\\").length > 0;
  },
  junctions() {
    const folder = mkdtempSync(join(tmpdir(), "wsb-addin-"));
    try {
      mkdirSync(join(folder, "target"));
      writeFileSync(join(folder, "target", "file"), "yes");
      symlinkSync(join(folder, "target"), join(folder, "link"), "junction");
      return readFileSync(join(folder, "link", "file"), "utf8") === "yes";
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  powershell: () => spawnSync("powershell.exe", ["-NoProfile", "-Command", "exit 7"]).status === 7,
};
(async () => {
  const answers = {};
  for (const [name, ask] of Object.entries(questions)) {
    try { answers[name] = (await ask()) === true; } catch { answers[name] = false; }
  }
  console.log(JSON.stringify(answers));
})();
`;

async function answersOf(
  lab: WineLab,
  [program, ...args]: readonly [string, ...string[]],
  signal?: AbortSignal,
): Promise<JsonObject> {
  const { exitCode, output } = await captureInLab(lab, program, args, { cwd: "/", signal });
  const line = output.split("\n").find((text) => text.startsWith("{"));
  const answers: unknown = exitCode === 0 && line !== undefined ? JSON.parse(line) : undefined;
  if (isObject(answers)) return answers;
  throw new WsbError(
    "ERR_WSB_LAB",
    `Wine did not answer what it can do: ${program} ended with exit code ${String(exitCode)}. ${output.trim()} Make the lab again: wsb-addin lab down, wsb-addin lab up.`,
  );
}

/** Tells whether node.exe can write to a pipe, which {@link captureInLab} never gives it. */
async function canWriteToPipe({ prefix, nodeExe }: WineLab): Promise<boolean> {
  const child = spawn(...wineCommand([nodeExe, "-e", "process.stdout.write('yes')"]), {
    env: wineEnvironment(prefix),
    cwd: "/",
    stdio: ["ignore", "pipe", "ignore"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  await once(child, "close");
  return output === "yes";
}

/**
 * Asks the lab's Wine what it can do. The answers hold until Wine or node.exe is replaced.
 *
 * @throws {@link WsbError} `ERR_WSB_LAB` when a program with the questions does not run.
 */
export async function askAbilities(lab: WineLab, signal?: AbortSignal): Promise<Abilities> {
  const answers = {
    ...(await answersOf(lab, [lab.nodeExe, "-e", QUESTIONS], signal)),
    ...(await answersOf(lab, [toWindowsPath(lab, PREBUILT.abilities)], signal)),
    pipes: await canWriteToPipe(lab),
  };
  return readAbilities(answers);
}
