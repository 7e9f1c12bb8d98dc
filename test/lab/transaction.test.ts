import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { toWindowsPath } from "../../src/lab/paths.ts";
import { runInLab } from "../../src/lab/run.ts";
import { eventSource } from "../../src/record/event-source.ts";
import { eventSourceKey } from "../../src/registration/keys.ts";
import { encodeString } from "../../src/registration/registry-value.ts";
import { startAgent, type Agent } from "../helpers/agent.ts";
import { runCli } from "../helpers/cli.ts";
import { buildAddin, makeTestLab, type TestAddin, type TestLab } from "../helpers/test-lab.ts";

const SUPPORT =
  "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\WindowsServerBackup\\Application Support";
const killed = fileURLToPath(new URL("../helpers/lab-killed-transition.ts", import.meta.url));
// Two at a time: as many as there are processors on a small machine.
const AT_ONCE = 2;

let testLab: TestLab;
let agent: Agent;

type Command = "register" | "unregister";

/** Runs a command in a process of its own that is killed right after a change. */
function killAt(command: Command, addin: TestAddin, position: number): Promise<number> {
  const { manifestFile, serverScript } = addin;
  const script = toWindowsPath(testLab.lab, killed);
  const args = [script, command, manifestFile, serverScript, String(position)];
  return runInLab(testLab.lab, testLab.lab.nodeExe, args);
}

/** All that belongs to one add-in: others, which other tests of this file use, are left out. */
function dump(addin: TestAddin): Promise<readonly string[]> {
  return agent.dumpRegistry([
    `${SUPPORT}\\${addin.writerId}`,
    `SOFTWARE\\Classes\\AppID\\${addin.appId}`,
    `SOFTWARE\\Classes\\CLSID\\${addin.clsid}`,
    eventSourceKey(eventSource({ ...addin, applicationIdentifier: `Test ${addin.writerId}` })),
  ]);
}

/** Runs `work` for 1 to `count`, {@link AT_ONCE} at a time, each with an add-in of its own. */
async function forEachPosition(
  count: number,
  work: (position: number, addin: TestAddin) => Promise<void>,
): Promise<void> {
  const positions = Array.from({ length: count }, (_, index) => index + 1);
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      const addin = await buildAddin(testLab, "post-restore-only.ts");
      for (let next = positions.shift(); next !== undefined; next = positions.shift()) {
        await work(next, addin);
      }
    }),
  );
}

beforeAll(async () => {
  testLab = makeTestLab();
  agent = await startAgent(testLab.lab);
  // The parents are others', too: with them there the add-ins of this file do not meet.
  await agent.binding.createRegistryKey(`${SUPPORT}\\{66841CD4-6DED-4F4B-8F17-FD23F8DDC3DE}`);
  const { type, data } = encodeString("Hyper-V");
  const hyperV = `${SUPPORT}\\{66841CD4-6DED-4F4B-8F17-FD23F8DDC3DE}`;
  await agent.binding.writeRegistryValue(hyperV, "Application Identifier", type, data);
  await agent.binding.createRegistryKey(eventSourceKey("Hyper-V"));
});

afterAll(async () => {
  await agent.end();
  await testLab.remove();
});

describe.each(["register", "unregister"] as const)("%s", (command) => {
  it.each(["kill", "fail"] as const)(
    "that is broken off by a %s at any change ends in one of the two clean states",
    async (fault) => {
      const counted = await buildAddin(testLab, "post-restore-only.ts");
      const { manifestFile, serverScript } = counted;
      if (command === "unregister") await agent.register(manifestFile, serverScript);
      const whole = await agent.failAt(command, manifestFile, serverScript, 0);
      expect(whole.failed).toBe(false);
      // The record, two changes at least to each of four keys, and the record again.
      expect(whole.changes).toBeGreaterThan(10);

      await forEachPosition(whole.changes, async (position, addin) => {
        const absent = await dump(addin);
        await agent.register(addin.manifestFile, addin.serverScript);
        const registered = await dump(addin);
        if (command === "register") await agent.unregister(addin.writerId);

        if (fault === "fail") {
          const { manifestFile: manifest, serverScript: script } = addin;
          const { failed } = await agent.failAt(command, manifest, script, position);
          expect(failed, `change ${position}`).toBe(true);
          expect([absent, registered], `change ${position}`).toContainEqual(await dump(addin));
        } else {
          expect(await killAt(command, addin, position), `change ${position}`).not.toBe(0);
        }
        await agent.recover(addin.writerId);
        expect([absent, registered], `change ${position}`).toContainEqual(await dump(addin));
        await agent.unregister(addin.writerId);
        expect(await dump(addin), `change ${position}`).toEqual(absent);
      });
    },
    180_000,
  );
});

describe("a command that was killed", () => {
  it.each(["status", "register", "unregister"])("is mended by %s, which says so", async (next) => {
    const addin = await buildAddin(testLab, "post-restore-only.ts");
    const absent = await dump(addin);
    await killAt("register", addin, 5);
    expect(await dump(addin)).not.toEqual(absent);
    const args = next === "register" ? [next, "--no-activate"] : [next];
    const { code } = await runCli(testLab.labFolder, addin.folder, args);
    expect(code).toBe(next === "status" ? 1 : 0);
    expect((await dump(addin)).length > 0).toBe(next === "register");
    await agent.unregister(addin.writerId);
    expect(await dump(addin)).toEqual(absent);
  });
});

describe("twenty registrations and removals at once", () => {
  it("end in a clean state", async () => {
    const addin = await buildAddin(testLab, "post-restore-only.ts");
    const absent = await dump(addin);
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
    const ended = await dump(addin);
    await agent.register(addin.manifestFile, addin.serverScript);
    expect([absent, await dump(addin)]).toContainEqual(ended);
    await agent.unregister(addin.writerId);
    expect(await dump(addin)).toEqual(absent);
  });
});
