import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createGuid } from "../../src/base/guid.ts";
import { toWindowsPath } from "../../src/tools/lab/paths.ts";
import { runInLab } from "../../src/tools/lab/run.ts";
import { runCliInAgent, type CliResult } from "../helpers/cli.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { makeTestLab, type TestLab } from "../helpers/lab/test-lab.ts";
import { buildWriterProject, type WriterProject } from "../helpers/lab/writer-project.ts";

const BACKUPS = 20;
const writerId = createGuid();
const application = fileURLToPath(new URL("../fixtures/lab/busy-ledger.mjs", import.meta.url));

let testLab: TestLab;
let agent: Agent;
let ledger: string;
/** Where the application and its writer leave what they know, outside of the backup. */
let place: string;
let project: WriterProject;

/** A writer that lets the application hold still, and keeps what the application has recorded. */
function writerSource(): string {
  const files = toWindowsPath(testLab.lab, place);
  return `import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineWriter } from "wsb-addin";

const place = ${JSON.stringify(files)};

async function ask(what: string, signal: AbortSignal): Promise<string> {
  const { port } = JSON.parse(readFileSync(join(place, "port.json"), "utf8"));
  return (await fetch(\`http://127.0.0.1:\${port}/\${what}\`, { signal })).text();
}

export default defineWriter({
  async freeze(_request, { signal }) {
    writeFileSync(join(place, "recorded.json"), await ask("hold", signal));
  },
  async thaw(_request, { signal }) {
    // Nobody is frozen when the application does not run.
    await ask("release", signal).catch(() => {});
  },
});
`;
}

function cli(args: readonly string[]): Promise<CliResult> {
  return runCliInAgent(testLab, agent, project.folder, args);
}

interface Application {
  end(): Promise<void>;
}

async function startApplication(): Promise<Application> {
  const { lab } = testLab;
  const port = join(place, "port.json");
  rmSync(port, { force: true });
  const controller = new AbortController();
  const args = [application, ledger, port].map((path) => toWindowsPath(lab, path));
  const ended = runInLab(lab, lab.nodeExe, args, { signal: controller.signal }).catch(() => {});
  await expect.poll(() => existsSync(port) && readFileSync(port, "utf8") !== "").toBe(true);
  return {
    async end() {
      controller.abort();
      await ended;
    },
  };
}

function hashOfLedger(): string {
  return createHash("sha256")
    .update(readFileSync(join(ledger, "ledger.txt")))
    .digest("hex");
}

beforeAll(async () => {
  testLab = makeTestLab();
  ledger = mkdtempSync(join(testLab.folder, "ledger-"));
  place = mkdtempSync(join(testLab.folder, "place-"));
  [agent, project] = await Promise.all([
    startAgent(testLab.lab),
    buildWriterProject(testLab, { writerId, ledger, source: writerSource }),
  ]);
  const { code, stderr } = await cli(["register"]);
  expect(code, stderr).toBe(0);
});

afterAll(async () => {
  await cli(["unregister"]);
  await agent.end();
  await testLab.remove();
});

/** On Windows, VSS itself makes shadow copies. */
describe.runIf(process.platform !== "win32")("an application that writes all the time", () => {
  it.each(Array.from({ length: BACKUPS }, (_, index) => index))(
    "is restored to the hash that it recorded at freeze: backup %i",
    async (index) => {
      const running = await startApplication();
      const backup = toWindowsPath(testLab.lab, join(testLab.folder, `backup-${index}`));
      const made = await cli(["simulate", "backup", "--to", backup]);
      expect(made.code, made.stdout + made.stderr).toBe(0);
      await running.end();
      const recorded: unknown = JSON.parse(readFileSync(join(place, "recorded.json"), "utf8"));
      const sha256 = hashOfLedger();
      // It has written since.
      expect(recorded).not.toMatchObject({ sha256 });
      const restored = await cli(["simulate", "restore", "--without-addin", "--from", backup]);
      expect(restored.code, restored.stdout).toBe(0);
      expect(recorded).toMatchObject({ sha256: hashOfLedger() });
    },
  );
});
