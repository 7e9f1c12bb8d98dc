import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { runCli, runCliInAgent } from "../helpers/cli.ts";
import { nameState } from "../helpers/lab/registry-export.ts";
import { borrowTestLab, type TestLab } from "../helpers/lab/test-lab.ts";
import { TransitionBed } from "../helpers/lab/transition-bed.ts";

// Between writing the record and writing the last key. The exhaustive tests cover every change.
const CHANGE = 5;

let testLab: TestLab;
let bed: TransitionBed;

beforeAll(async () => {
  testLab = borrowTestLab();
  bed = await TransitionBed.make(testLab);
});

afterAll(async () => {
  await bed.remove();
  await testLab.remove();
});

describe.each(["register", "unregister"] as const)("%s", (command) => {
  it("that fails at a change leaves the whole registry in one of the two clean states", async () => {
    await bed.expectCleanEnds("fail", command, [CHANGE]);
  });
});

describe("a command that was killed", () => {
  it.each(["recover", "register", "unregister"])(
    "is repaired by %s, which reports it",
    async (next) => {
      const { agent } = bed;
      const addin = await bed.buildAddin();
      const states = await bed.cleanStates(addin);
      await bed.killAt("register", addin, CHANGE);
      expect(await bed.readRegistry()).not.toBe(states.absent);
      const args = next === "register" ? [next, "--no-activate"] : [next];
      const { code, stderr } = await runCliInAgent(testLab, agent, addin.folder, args);
      expect(code).toBe(0);
      if (next !== "unregister") expect(stderr).toContain("registration undone");
      const state = nameState(await bed.readRegistry(), states);
      expect(state).toBe(next === "register" ? "registered" : "absent");
      await agent.unregister(addin.writerId);
    },
  );

  it("D: is reported by status, which changes nothing", async () => {
    const { agent } = bed;
    const addin = await bed.buildAddin();
    await bed.killAt("register", addin, CHANGE);
    const before = await bed.readRegistry();
    const { code, stdout } = await runCliInAgent(testLab, agent, addin.folder, [
      "status",
      "--json",
    ]);
    expect([code, JSON.parse(stdout)]).toMatchObject([1, { ok: false, condition: "half done" }]);
    expect(await bed.readRegistry()).toBe(before);
    await agent.unregister(addin.writerId);
  });
});

describe("a simultaneous registration and removal", () => {
  it("wait for each other and end in a clean state", async () => {
    const addin = await bed.buildAddin();
    const states = await bed.cleanStates(addin);
    const results = await Promise.all(
      [["register", "--no-activate"], ["unregister"]].map((args) =>
        runCli(testLab.labFolder, addin.folder, args),
      ),
    );
    expect(results).toMatchObject(results.map(() => ({ code: 0, stderr: "" })));
    expect(["absent", "registered"]).toContain(nameState(await bed.readRegistry(), states));
    await bed.agent.unregister(addin.writerId);
    expect(nameState(await bed.readRegistry(), states)).toBe("absent");
  });
});
