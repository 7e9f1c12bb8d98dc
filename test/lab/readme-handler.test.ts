import { writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { join } from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";

import { bundleAddin } from "../../src/tools/build/bundle-addin.ts";
import { runCliInAgent, type CliResult } from "../helpers/cli.ts";
import { codeBlocks } from "../helpers/documents.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import {
  borrowTestLab,
  buildAddin,
  type TestAddin,
  type TestLab,
} from "../helpers/lab/test-lab.ts";

let testLab: TestLab;
let agent: Agent;
let addin: TestAddin;
let application: Server;
let openBooks = "0";

/** The application of the README, which says how many books are open. */
async function startApplication(): Promise<number> {
  application = createServer((_, response) => response.end(openBooks));
  await once(application.listen(0, "127.0.0.1"), "listening");
  const address = application.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Builds the README's first handler as it is there, but for the port. */
async function buildHandler(port: number): Promise<void> {
  const [block = ""] = codeBlocks("README.md", "ts");
  expect(block).toContain("localhost:8080");
  const handler = block.replace("localhost:8080", `localhost:${port}`);
  writeFileSync(join(addin.folder, "pre-restore.ts"), handler);
  const entry = join(addin.folder, "addin.ts");
  writeFileSync(
    entry,
    'import { defineAddin } from "wsb-addin";\nimport { preRestore } from "./pre-restore.ts";\nexport default defineAddin({ preRestore });\n',
  );
  const manifestFile = join(addin.folder, "wsb-addin.json");
  await bundleAddin({ manifestFile, entry, outFolder: join(addin.folder, "dist") });
}

async function restore(): Promise<CliResult> {
  return runCliInAgent(testLab, agent, addin.folder, ["simulate", "restore", "--json"]);
}

beforeAll(async () => {
  testLab = borrowTestLab();
  let port: number;
  [agent, addin, port] = await Promise.all([
    startAgent(testLab.lab),
    buildAddin(testLab, "probe.ts"),
    startApplication(),
  ]);
  await buildHandler(port);
  await agent.register(addin.manifestFile, addin.serverScript);
});

afterAll(async () => {
  application.close();
  application.closeAllConnections();
  await agent.end();
  await testLab.remove();
});

it("the README's first handler asks the application with fetch, and obeys its answer", async () => {
  const allowed = await restore();
  expect(allowed.code, allowed.stdout).toBe(0);
  openBooks = "2";
  const refused = await restore();
  expect(refused.code, refused.stdout).toBe(1);
  expect(refused.stdout).toContain("Books are open: close them first.");
});
