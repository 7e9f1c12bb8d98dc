import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { toWindowsPath } from "../../../src/tools/lab/paths.ts";
import { SERVER_FILE } from "../../../src/runtime/manifest/manifest.ts";
import type { Agent } from "./agent.ts";
import { labProgram } from "./lab-programs.ts";
import type { RawServerOptions } from "./raw-server.ts";
import { buildAddin, type TestAddin, type TestLab } from "./test-lab.ts";

/**
 * Registers a class that raw-server.ts serves; its output is in the same place as the probe
 * add-in's.
 */
export async function registerRawAddin(
  testLab: TestLab,
  agent: Agent,
  settings: Partial<Pick<RawServerOptions, "thread" | "lingerMs">> = {},
): Promise<TestAddin> {
  const { lab } = testLab;
  const addin = await buildAddin(testLab, "post-restore-only.ts");
  const options: RawServerOptions = {
    clsid: addin.clsid,
    record: toWindowsPath(lab, join(addin.folder, "dist", "calls.jsonl")),
    lingerMs: 60_000,
    thread: "main",
    ...settings,
  };
  const module = toFileUrl(toWindowsPath(lab, labProgram("raw-server")));
  writeFileSync(
    join(addin.folder, "dist", SERVER_FILE),
    `import { startRawServer } from ${JSON.stringify(module)};\nstartRawServer(${JSON.stringify(options)});\n`,
  );
  await agent.register(addin.manifestFile, addin.serverScript);
  return addin;
}

/** Returns a file URL for a Windows path, which pathToFileURL does not support on Linux. */
function toFileUrl(windowsPath: string): string {
  return pathToFileURL(`/${windowsPath.replaceAll("\\", "/")}`).href;
}
