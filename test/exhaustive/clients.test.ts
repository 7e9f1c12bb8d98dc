import { afterAll, beforeAll, describe, it } from "vitest";

import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { expectEachAnswered } from "../helpers/lab/parallel-calls.ts";
import { registerRawAddin } from "../helpers/lab/raw-addin.ts";
import { makeTestLab, type TestLab } from "../helpers/lab/test-lab.ts";

const PROCESSES = 8;

let testLab: TestLab;
let agents: readonly Agent[];

beforeAll(async () => {
  testLab = makeTestLab();
  agents = await Promise.all(Array.from({ length: PROCESSES }, () => startAgent(testLab.lab)));
});

afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.end()));
  await testLab.remove();
});

describe("clients", () => {
  it("make 64 simultaneous calls from each of 8 processes, and each is answered", async () => {
    const [agent] = agents;
    if (agent === undefined) throw new Error("no agent");
    await expectEachAnswered(await registerRawAddin(testLab, agent), agents, 8);
  });
});
