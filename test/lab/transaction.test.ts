import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { toWindowsPath } from "../../src/lab/paths.ts";
import { runInLab } from "../../src/lab/run.ts";
import { encodeString } from "../../src/registration/registry-value.ts";
import { startAgent, type Agent } from "../helpers/agent.ts";
import { runCli } from "../helpers/cli.ts";
import { exportRegistry, nameState } from "../helpers/registry-export.ts";
import { buildAddin, makeTestLab, type TestAddin, type TestLab } from "../helpers/test-lab.ts";

const SUPPORT =
  "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\WindowsServerBackup\\Application Support";
const killed = fileURLToPath(new URL("../helpers/lab-killed-transition.ts", import.meta.url));
// Two at a time: as many as there are processors on a small machine.
const AT_ONCE = 2;

/** A Windows in which nobody else registers anything, for whole exports are compared. */
interface Bench {
  readonly testLab: TestLab;
  readonly agent: Agent;
}

let benches: readonly Bench[];
let first: Bench;

type Command = "register" | "unregister";

/** Runs a command in a process of its own that is killed right after a change. */
function killAt(
  { testLab }: Bench,
  command: Command,
  addin: TestAddin,
  position: number,
): Promise<number> {
  const { manifestFile, serverScript } = addin;
  const script = toWindowsPath(testLab.lab, killed);
  const args = [script, command, manifestFile, serverScript, String(position)];
  return runInLab(testLab.lab, testLab.lab.nodeExe, args);
}

/** The two clean states of an add-in, as whole exports; it is not registered afterwards. */
async function cleanStates(
  { testLab, agent }: Bench,
  addin: TestAddin,
): Promise<{ readonly absent: string; readonly registered: string }> {
  const absent = await exportRegistry(testLab);
  await agent.register(addin.manifestFile, addin.serverScript);
  const registered = await exportRegistry(testLab);
  await agent.unregister(addin.writerId);
  expect(registered).not.toBe(absent);
  return { absent, registered };
}

async function makeBench(): Promise<Bench> {
  const testLab = makeTestLab();
  const agent = await startAgent(testLab.lab);
  // Others' registrations must stay as they are, too.
  const hyperV = `${SUPPORT}\\{66841CD4-6DED-4F4B-8F17-FD23F8DDC3DE}`;
  const { type, data } = encodeString("Hyper-V");
  await agent.binding.createRegistryKey(hyperV);
  await agent.binding.writeRegistryValue(hyperV, "Application Identifier", type, data);
  return { testLab, agent };
}

beforeAll(async () => {
  // On Windows the lab is the machine itself, and there is one.
  first = await makeBench();
  const more = first.testLab.lab.kind === "wine" ? AT_ONCE - 1 : 0;
  benches = [first, ...(await Promise.all(Array.from({ length: more }, makeBench)))];
});

afterAll(async () => {
  for (const { agent, testLab } of benches) {
    await agent.end();
    await testLab.remove();
  }
});

/** Breaks the command off at each position that is left, and looks at what that leaves. */
async function breakOff(
  bench: Bench,
  command: Command,
  fault: "kill" | "fail",
  positions: number[],
): Promise<void> {
  const { agent, testLab } = bench;
  const addin = await buildAddin(testLab, "post-restore-only.ts");
  const { manifestFile, serverScript, writerId } = addin;
  const states = await cleanStates(bench, addin);
  const readState = async (): Promise<string> => nameState(await exportRegistry(testLab), states);
  for (let next = positions.shift(); next !== undefined; next = positions.shift()) {
    const change = `change ${next}`;
    if (command === "unregister") await agent.register(manifestFile, serverScript);
    if (fault === "fail") {
      const { failed } = await agent.failAt(command, manifestFile, serverScript, next);
      expect(failed, change).toBe(true);
      expect(["absent", "registered"], change).toContain(await readState());
    } else {
      expect(await killAt(bench, command, addin, next), change).not.toBe(0);
    }
    await agent.recover(writerId);
    expect(["absent", "registered"], change).toContain(await readState());
    await agent.unregister(writerId);
  }
  expect(await readState()).toBe("absent");
}

describe.each(["register", "unregister"] as const)("%s", (command) => {
  it.each(["kill", "fail"] as const)(
    "that is broken off by a %s at any change leaves the whole registry in one of the two clean states",
    async (fault) => {
      const { testLab, agent } = first;
      const counted = await buildAddin(testLab, "post-restore-only.ts");
      const { manifestFile, serverScript, writerId } = counted;
      if (command === "unregister") await agent.register(manifestFile, serverScript);
      const { failed, changes } = await agent.failAt(command, manifestFile, serverScript, 0);
      expect(failed).toBe(false);
      await agent.unregister(writerId);
      // The record, two changes at least to each of three keys, and the record again.
      expect(changes).toBeGreaterThan(8);

      const positions = Array.from({ length: changes }, (_, index) => index + 1);
      await Promise.all(benches.map((bench) => breakOff(bench, command, fault, positions)));
    },
    180_000,
  );
});

describe("a command that was killed", () => {
  it.each(["status", "register", "unregister"])("is mended by %s, which says so", async (next) => {
    const { testLab, agent } = first;
    const addin = await buildAddin(testLab, "post-restore-only.ts");
    const states = await cleanStates(first, addin);
    await killAt(first, "register", addin, 5);
    expect(await exportRegistry(testLab)).not.toBe(states.absent);
    const args = next === "register" ? [next, "--no-activate"] : [next];
    const { code, stderr } = await runCli(testLab.labFolder, addin.folder, args);
    expect(code).toBe(next === "status" ? 1 : 0);
    if (next !== "unregister") expect(stderr).toContain("broken off");
    const state = nameState(await exportRegistry(testLab), states);
    expect(state).toBe(next === "register" ? "registered" : "absent");
    await agent.unregister(addin.writerId);
  });
});

describe("twenty registrations and removals at once", () => {
  it("end in a clean state", async () => {
    const { testLab, agent } = first;
    const addin = await buildAddin(testLab, "post-restore-only.ts");
    const states = await cleanStates(first, addin);
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
    expect(["absent", "registered"]).toContain(nameState(await exportRegistry(testLab), states));
    await agent.unregister(addin.writerId);
    expect(nameState(await exportRegistry(testLab), states)).toBe("absent");
  });
});
