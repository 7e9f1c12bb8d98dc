import { afterAll, beforeAll, expect, it } from "vitest";

import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { installService, type TestService } from "../helpers/lab/service.ts";
import { makeTestLab, type TestLab } from "../helpers/lab/test-lab.ts";
import { LEDGER, STORE, answersOf, type ScriptMachine } from "../simulation/model-script.ts";
import { simulatedScriptMachine } from "../simulation/script-machine.ts";

const LOCK_FILE = "C:\\wsb-addin-model.lock";

let testLab: TestLab;
let agent: Agent;
const services: TestService[] = [];

beforeAll(async () => {
  testLab = makeTestLab();
  agent = await startAgent(testLab.lab);
  services.push(await installService(testLab, agent, STORE));
  services.push(await installService(testLab, agent, LEDGER, ["--depends", STORE]));
});

afterAll(async () => {
  for (const service of services.toReversed()) await service.uninstall();
  await agent.end();
  await testLab.remove();
});

function windows(): ScriptMachine {
  const { binding } = agent;
  return {
    services: binding,
    change: (name, wanted) => agent.changeService(name, { wanted }),
    registry: binding,
    takeLock: () => binding.lockFile(LOCK_FILE, Buffer.from("model\n"), 0),
  };
}

it("answers a script of operations as the simulated machine does", async () => {
  expect(await answersOf(windows())).toEqual(await answersOf(simulatedScriptMachine()));
});
