import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { runCli } from "../helpers/cli.ts";
import { nameState } from "../helpers/lab/registry-export.ts";
import { makeTestLab } from "../helpers/lab/test-lab.ts";
import { TransitionBed } from "../helpers/lab/transition-bed.ts";

// Two at a time, the number of processors of a small machine.
const AT_ONCE = 2;

// Each uses its own lab, where nothing else is registered, because whole exports are compared.
let beds: readonly TransitionBed[];
let first: TransitionBed;

function makeBed(): Promise<TransitionBed> {
  return TransitionBed.make(makeTestLab());
}

beforeAll(async () => {
  first = await makeBed();
  // On Windows the lab is the machine itself, and there is one.
  const more = first.testLab.lab.kind === "wine" ? AT_ONCE - 1 : 0;
  beds = [first, ...(await Promise.all(Array.from({ length: more }, makeBed)))];
});

afterAll(async () => {
  for (const bed of beds) {
    await bed.remove();
    await bed.testLab.remove();
  }
});

describe.each(["register", "unregister"] as const)("%s", (command) => {
  it.each(["kill", "fail"] as const)(
    "that is interrupted by a %s at any change leaves the whole registry in one of the two clean states",
    async (fault) => {
      const changes = await first.countChanges(command);
      // The record, at least two changes to each of three keys, and the record again.
      expect(changes).toBeGreaterThan(8);
      const positions = Array.from({ length: changes }, (_, index) => index + 1);
      await Promise.all(beds.map((bed) => bed.expectCleanEnds(fault, command, positions)));
    },
  );
});

describe("twenty simultaneous registrations and removals", () => {
  it("end in a clean state", async () => {
    const { testLab, agent } = first;
    const addin = await first.buildAddin();
    const states = await first.cleanStates(addin);
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        runCli(
          testLab.labFolder,
          addin.folder,
          index % 2 === 0 ? ["register", "--no-activate"] : ["unregister"],
        ),
      ),
    );
    expect(results.map(({ code, stderr }) => [code, stderr])).toEqual(results.map(() => [0, ""]));
    expect(["absent", "registered"]).toContain(nameState(await first.readRegistry(), states));
    await agent.unregister(addin.writerId);
    expect(nameState(await first.readRegistry(), states)).toBe("absent");
  });
});
