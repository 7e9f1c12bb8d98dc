import { existsSync, readFileSync } from "node:fs";

import { runChild } from "../../../base/child-process.ts";
import { isPackedExe } from "../../../base/packed.ts";
import { machineOfProgram, type ProgramMachine } from "../../../base/program-machine.ts";
import { scriptsOf } from "../../registration/addin-files.ts";
import type { Installation } from "../../registration/plan.ts";
import { notApplicable, ok, type AddinCheck, type Finding } from "../check.ts";
import { nodeSupport } from "../node-support.ts";

/** What is known of the Node.js of an application. */
export interface NodeFacts {
  readonly program: string;
  readonly machine: ProgramMachine;
  /** `undefined` if the program does not tell it. */
  readonly version: string | undefined;
}

const REGISTER_AGAIN = "Register again with a 64-bit node.exe: --node";

/** Decides about the Node.js that runs an application. */
export function judgeNode({ program, machine, version }: NodeFacts, now: Date): Finding {
  if (machine !== "x64") {
    return {
      verdict: "fail",
      found: `${program} is ${machine === undefined ? "no Windows program" : `a ${machine} program`}.`,
      advice: REGISTER_AGAIN,
    };
  }
  if (version === undefined) {
    return {
      verdict: "unknown",
      found: `${program} does not tell its version of Node.js.`,
      advice: "Look at the bill of materials that wsb-addin pack wrote beside it (.cdx.json).",
    };
  }
  const { state, end } = nodeSupport(version, now);
  const found = `${program} is Node.js ${version}, 64-bit`;
  const advice = "Install a newer Node.js, or pack the application with one, then register again.";
  switch (state) {
    case "too old":
      return { verdict: "fail", found: `${found}; wsb-addin needs 20 or newer.`, advice };
    case "ended":
      return {
        verdict: "warn",
        found: `${found}; its security fixes ended${end === undefined ? "" : ` on ${end}`}.`,
        advice,
      };
    case "ends soon":
      return { verdict: "warn", found: `${found}; its security fixes end on ${end}.`, advice };
    case "supported":
      return ok(`${found}, supported until ${end}.`);
    case "unknown":
      return ok(`${found}, newer than this version of wsb-addin.`);
  }
}

const VERSION_LIMIT_MS = 30_000;
// The comment in the version resource of a packed exe, which is UTF-16.
const PACKED_VERSION = /on Node\.js v?(?<version>\d+\.\d+\.\d+)/u;
const COMMENT = Buffer.from("on Node.js ", "utf16le");

function versionOfExe(program: string): string | undefined {
  if (isPackedExe() && program.toUpperCase() === process.execPath.toUpperCase()) {
    return process.version;
  }
  const bytes = readFileSync(program);
  const place = bytes.indexOf(COMMENT);
  const text = place === -1 ? "" : bytes.toString("utf16le", place, place + 80);
  const version = PACKED_VERSION.exec(text)?.groups?.["version"];
  return version === undefined ? undefined : `v${version}`;
}

async function versionOf(
  installation: Installation,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { nodeExe } = installation;
  if (scriptsOf(installation).length === 0) return versionOfExe(nodeExe);
  const child = { program: nodeExe, args: ["--version"], signal, timeoutMs: VERSION_LIMIT_MS };
  const { output } = await runChild(child);
  return /^v\d+\.\d+\.\d+/u.exec(output.trim())?.[0];
}

export const nodeCheck: AddinCheck = {
  id: "node",
  title: "Node.js of the application supported",
  why: "The application needs a 64-bit Node.js, and one without security fixes runs as LocalSystem here.",
  about: "application",
  run: async ({ installation }, { now, signal }) => {
    if (installation === undefined) return notApplicable("No program of wsb-addin is registered.");
    const { nodeExe } = installation;
    if (!existsSync(nodeExe)) {
      return { verdict: "fail", found: `${nodeExe} is missing.`, advice: REGISTER_AGAIN };
    }
    const machine = machineOfProgram(nodeExe);
    const version = machine === "x64" ? await versionOf(installation, signal) : undefined;
    return judgeNode({ program: nodeExe, machine, version }, now);
  },
};
