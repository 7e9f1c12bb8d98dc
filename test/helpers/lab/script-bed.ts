import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "vitest";

import { MANIFEST_FILE, SERVER_FILE } from "../../../src/runtime/manifest/manifest.ts";
import {
  APPLICATION_SUPPORT,
  appIdKey,
  classKey,
  eventSourceKey,
  writerKey,
} from "../../../src/tools/registration/keys.ts";
import { toWindowsPath } from "../../../src/tools/lab/paths.ts";
import { runCliInAgent, type CliResult } from "../cli.ts";
import { startAgent, type Agent } from "./agent.ts";
import { runPowerShell, type PowerShellJob, type PowerShellResult } from "./powershell.ts";
import { buildAddin, type TestAddin, type TestLab } from "./test-lab.ts";

const EVENT_SOURCES = eventSourceKey("").slice(0, -1);

/** The exported scripts of an add-in, paths of this machine. */
export interface Scripts {
  readonly script: string;
  readonly detection: string;
  /** The keys in which the add-in's registration is. */
  readonly keys: readonly string[];
}

/** A lab in which exported scripts run in PowerShell. */
export class ScriptBed {
  readonly testLab: TestLab;
  readonly agent: Agent;

  private constructor(testLab: TestLab, agent: Agent) {
    this.testLab = testLab;
    this.agent = agent;
  }

  static async make(testLab: TestLab): Promise<ScriptBed> {
    const bed = new ScriptBed(testLab, await startAgent(testLab.lab));
    // Windows has these keys; they stay when a registration is removed.
    for (const key of [APPLICATION_SUPPORT, EVENT_SOURCES]) {
      await bed.agent.binding.createRegistryKey(key);
    }
    return bed;
  }

  async remove(): Promise<void> {
    await this.agent.end();
    await this.testLab.remove();
  }

  buildAddin(settings: Readonly<Record<string, unknown>> = {}): Promise<TestAddin> {
    return buildAddin(this.testLab, "post-restore-only.ts", settings);
  }

  cli(addin: TestAddin, ...args: readonly string[]): Promise<CliResult> {
    return runCliInAgent(this.testLab, this.agent, addin.folder, args);
  }

  /** Exports the scripts of an add-in as it is built, or of one with another name in another folder. */
  async export(addin: TestAddin, other?: { readonly name: string }): Promise<Scripts> {
    const { lab } = this.testLab;
    const folder = join(addin.folder, other?.name ?? "scripts");
    mkdirSync(folder);
    const fields: object = JSON.parse(readFileSync(join(addin.folder, MANIFEST_FILE), "utf8"));
    writeFileSync(join(folder, MANIFEST_FILE), JSON.stringify({ ...fields, ...other }));
    const place =
      other === undefined
        ? addin.serverScript.slice(0, -`\\${SERVER_FILE}`.length)
        : `C:\\Program Files\\${other.name}`;
    const node = other === undefined ? lab.nodeExe : "C:\\older\\node.exe";
    const [script = "", detection = ""] = await Promise.all(
      ["ps1", "intune"].map(async (format) => {
        const args = ["export", "--format", format, "--folder", place, "--node", node, "--json"];
        const where = ["--manifest", toWindowsPath(lab, join(folder, MANIFEST_FILE))];
        const { code, stdout, stderr } = await this.cli(addin, ...args, ...where);
        expect(code, stderr).toBe(0);
        const { fileName, content }: { fileName: string; content: string } = JSON.parse(stdout);
        writeFileSync(join(folder, fileName), Buffer.from(content, "base64"));
        return join(folder, fileName);
      }),
    );
    const { writerId, clsid, appId } = addin;
    const keys = [writerKey(writerId), classKey(clsid), appIdKey(appId), EVENT_SOURCES];
    return { script, detection, keys };
  }

  run(...jobs: readonly PowerShellJob[]): Promise<readonly PowerShellResult[]> {
    return runPowerShell(this.testLab, ...jobs);
  }

  /** Reads keys as a job does. */
  async read(keys: readonly string[]): Promise<readonly string[]> {
    const [result] = await this.run({ keys });
    return result?.registry ?? [];
  }
}
