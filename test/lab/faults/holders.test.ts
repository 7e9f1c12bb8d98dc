/** Services and components that several add-ins or clients need at once. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import {
  FINISH_A,
  HELD,
  PREPARE_A,
  RestoreBed,
  STARTED,
  type RestoreClient,
} from "../../helpers/lab/restore-bed.ts";
import {
  buildAddin,
  makeTestLab,
  type TestAddin,
  type TestLab,
} from "../../helpers/lab/test-lab.ts";

const GUARDIAN_LIMIT_MS = 10_000;

let testLab: TestLab;
let bed: RestoreBed;
/** Two clients of the bed's add-in. */
let first: RestoreClient;
let second: RestoreClient;
/** Another add-in that stops one of the bed's services, and so the other too. */
let otherAddin: TestAddin;
let other: RestoreClient;

beforeAll(async () => {
  testLab = makeTestLab();
  bed = await RestoreBed.make(testLab, "probe.ts");
  const { observer } = bed;
  await bed.makeAutomatic();
  otherAddin = await buildAddin(testLab, "probe.ts", { services: ["BedStore"], lingerMs: 300 });
  await observer.register(otherAddin.manifestFile, otherAddin.serverScript);
  first = await bed.startClient();
  second = await bed.startClient();
  const { value } = await second.agent.binding.activate(otherAddin.clsid);
  if (value === undefined) throw new Error("cannot activate the other add-in");
  other = { agent: second.agent, addin: value };
});

afterAll(async () => {
  await first.agent.end();
  await second.agent.end();
  await bed.observer.unregister(otherAddin.writerId);
  await bed.remove();
  await testLab.remove();
});

beforeEach(async () => {
  await bed.untilNoGuardian();
  expect(await bed.statesAndStartTypes()).toEqual(STARTED);
});

describe("a service that two add-ins have stopped", () => {
  it("H: is started by the second, when the first ends before it", async () => {
    await bed.callAll(first, PREPARE_A);
    await bed.callAll(other, PREPARE_A);
    await bed.callAll(first, FINISH_A);
    expect(bed.session).toBeUndefined();
    expect(await bed.statesAndStartTypes()).toEqual(HELD);
    const holder = otherAddin.clsid;
    expect(bed.events("servicePassed")).toMatchObject([
      { service: "BedStore", holder },
      { service: "BedLedger", holder },
    ]);
    await bed.callAll(other, FINISH_A);
    expect(await bed.statesAndStartTypes()).toEqual(STARTED);
  });

  it("H: is started by the first, when the second ends before it", async () => {
    await bed.callAll(first, PREPARE_A);
    await bed.callAll(other, PREPARE_A, FINISH_A);
    expect(await bed.statesAndStartTypes()).toEqual(HELD);
    await bed.callAll(first, FINISH_A);
    expect(await bed.statesAndStartTypes()).toEqual(STARTED);
  });

  it("H: stays stopped for a restore of the first that was abandoned", async () => {
    const dying = await bed.startClient();
    await bed.callAll(dying, PREPARE_A);
    await dying.agent.crash();
    await bed.untilAbandoned(GUARDIAN_LIMIT_MS);
    await bed.callAll(other, PREPARE_A, FINISH_A);
    expect(await bed.statesAndStartTypes()).toEqual(HELD);
    await bed.decideToStart();
    expect(await bed.statesAndStartTypes()).toEqual(STARTED);
  });
});

describe("a component that two clients restore", () => {
  it("I: is restored when both have finished it", async () => {
    await bed.callAll(first, PREPARE_A);
    await bed.callAll(second, PREPARE_A);
    await bed.callAll(first, FINISH_A);
    expect(await bed.statesAndStartTypes()).toEqual(HELD);
    await bed.callAll(second, FINISH_A);
    await bed.untilRestored(0);
  });

  it("I: is restored when one has died and the other has finished it", async () => {
    const dying = await bed.startClient();
    await bed.callAll(dying, PREPARE_A);
    await bed.callAll(first, PREPARE_A);
    await dying.agent.crash();
    await bed.callAll(first, FINISH_A);
    expect(await bed.statesAndStartTypes()).toEqual(STARTED);
    expect(bed.session).toBeUndefined();
  });
});
