import { afterAll, beforeAll, expect, it } from "vitest";

import { bootTaskXml } from "../../src/tools/registration/boot-task.ts";
import { toWindowsPath } from "../../src/tools/lab/paths.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { installService, type TestService } from "../helpers/lab/service.ts";
import { manifestWith } from "../helpers/manifest.ts";
import { makeTestLab, type TestLab } from "../helpers/lab/test-lab.ts";
import { LEDGER, STORE, script, type ScriptMachine } from "../simulation/model-script.ts";
import {
  registrationScript,
  type RegistrationScriptMachine,
} from "../simulation/registration/model-script.ts";
import { simulatedRegistrationMachine } from "../simulation/registration/script-machine.ts";
import { answersOf } from "../simulation/run-script.ts";
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

/** The parts of Windows that a registration uses. */
function registered(): RegistrationScriptMachine {
  const { binding } = agent;
  const folder = toWindowsPath(testLab.lab, testLab.folder);
  return {
    registry: binding,
    files: binding,
    tasks: { read: agent.readTask, create: agent.createTask, remove: agent.removeTask },
    lockFile: (...args) => binding.lockFile(...args),
    pathOf: (...names) => [folder, ...names].join("\\"),
  };
}

it("answers a script of operations as the simulated machine does", async () => {
  const simulated = simulatedScriptMachine();
  expect(await answersOf(windows(), script)).toEqual(await answersOf(simulated, script));
});

it("answers what a registration asks as the simulated machine does", async () => {
  const steps = registrationScript(
    bootTaskXml(manifestWith({ services: [STORE] }), {
      nodeExe: "C:\\node.exe",
      serverScript: "C:\\server.js",
    }),
  );
  const simulated = simulatedRegistrationMachine();
  expect(await answersOf(registered(), steps)).toEqual(await answersOf(simulated, steps));
});
