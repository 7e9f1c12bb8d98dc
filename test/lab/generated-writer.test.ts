import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";

import { MANIFEST_FILE } from "../../src/runtime/manifest/manifest.ts";
import { bundleAddin } from "../../src/tools/build/bundle-addin.ts";
import { serviceNameOf } from "../../src/tools/registration/writer-service.ts";
import { linkPackages, scaffold } from "../generator/generator.ts";
import { runCliInAgent } from "../helpers/cli.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { EVENTS } from "../helpers/lab/backup-events.ts";
import { startRequester } from "../helpers/lab/requester.ts";
import { makeTestLab, type TestLab } from "../helpers/lab/test-lab.ts";

let testLab: TestLab;
let agent: Agent;

/** An application that a writer asks to hold its writes and to release them. */
class Application {
  readonly requests: string[] = [];
  readonly #server: Server = createServer((request, response) => {
    this.requests.push(`${request.method ?? ""} ${request.url ?? ""}`);
    response.end();
  });

  /** Starts to listen, at the same port as before; returns the address. */
  async start(port = 0): Promise<URL> {
    await new Promise<void>((resolve) => {
      this.#server.listen(port, "127.0.0.1", resolve);
    });
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return new URL(`http://127.0.0.1:${address.port}/`);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }
}

beforeAll(async () => {
  testLab = makeTestLab();
  agent = await startAgent(testLab.lab);
});

afterAll(async () => {
  await agent.end();
  await testLab.remove();
});

it("a scaffolded writer is registered before its application runs, and freezes and thaws it", async () => {
  const application = new Application();
  const address = await application.start();
  await application.stop();
  const { folder, writerId } = await scaffold(
    { name: "Contoso Ledger", writer: "service", ci: "none" },
    mkdtempSync(join(testLab.folder, "scaffold-")),
  );
  linkPackages(folder);
  const file = join(folder, "src", "writer.ts");
  const sample = readFileSync(file, "utf8");
  expect(sample).toContain("http://127.0.0.1:8080/");
  writeFileSync(file, sample.replace("http://127.0.0.1:8080/", address.href));
  const cli = async (command: string): Promise<void> => {
    const { code, stdout, stderr } = await runCliInAgent(testLab, agent, folder, [command]);
    expect(code, stdout + stderr).toBe(0);
  };

  await bundleAddin({
    manifestFile: join(folder, MANIFEST_FILE),
    entry: join(folder, "src", "addin.ts"),
    outFolder: join(folder, "dist"),
  });
  await cli("register");
  const service = serviceNameOf(writerId);
  expect(await agent.binding.queryService(service)).toMatchObject({ state: "RUNNING" });
  await cli("status");

  await application.start(Number(address.port));
  const requester = await startRequester(testLab.lab, writerId);
  for (const command of EVENTS) {
    expect(await requester.event(...command)).toMatchObject({ outcome: "done", hresult: 0 });
  }
  await requester.end();
  expect(application.requests).toEqual(["POST /hold", "POST /release"]);

  await cli("unregister");
  expect(await agent.binding.queryService(service)).toBeNull();
  await application.stop();
});
