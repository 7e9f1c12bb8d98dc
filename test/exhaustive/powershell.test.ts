import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { MARK_VALUE, markKey } from "../../src/runtime/restore/journal/mark.ts";
import { toWindowsPath } from "../../src/tools/lab/paths.ts";
import { classKey, writerKey } from "../../src/tools/registration/keys.ts";
import { encodeString } from "../../src/tools/registration/registry-value.ts";
import {
  buildPowerShell,
  hasDotnet,
  startPowerShell,
  type PowerShellJob,
} from "../helpers/lab/powershell.ts";
import { ScriptBed, type Scripts } from "../helpers/lab/script-bed.ts";
import { makeTestLab, type TestAddin } from "../helpers/lab/test-lab.ts";

// Shown for skipped tests.
const onDotnet = hasDotnet ? "" : " (takes the .NET SDK 10)";

let bed: ScriptBed;

/** An add-in, its scripts, and the registry without it and after `register`. */
interface Subject {
  readonly addin: TestAddin;
  readonly scripts: Scripts;
  readonly absent: readonly string[];
  readonly registered: readonly string[];
}

async function makeSubject(settings: Readonly<Record<string, unknown>> = {}): Promise<Subject> {
  const addin = await bed.buildAddin(settings);
  const scripts = await bed.export(addin);
  const absent = await bed.read(scripts.keys);
  await bed.agent.register(addin.manifestFile, addin.serverScript);
  const registered = await bed.read(scripts.keys);
  await bed.agent.unregister(addin.writerId);
  expect(registered.length).toBeGreaterThan(absent.length);
  return { addin, scripts, absent, registered };
}

/** A run of the script, with the registry after it. */
function run({ scripts }: Subject, ...switches: PowerShellJob["switches"] & {}): PowerShellJob {
  return { script: scripts.script, switches, keys: scripts.keys };
}

/** A run of the detection script. */
function detect({ scripts }: Subject, more: Partial<PowerShellJob> = {}): PowerShellJob {
  return { script: scripts.detection, ...more };
}

describe.skipIf(!hasDotnet)(`a program for .NET${onDotnet}`, () => {
  it("ends in the lab with its own exit code, and not with 0 after an exception", async () => {
    const testLab = makeTestLab();
    const script = join(testLab.folder, "exit.ps1");
    writeFileSync(script, "Write-Output 'Größe'; exit 3");
    const args = ["-NoProfile", "-File", toWindowsPath(testLab.lab, script)];
    const outcome = await startPowerShell(testLab, args);
    const failed = await startPowerShell(testLab, ["C:\\missing.json", "C:\\results.json"]);
    await testLab.remove();
    expect(failed.exitCode).not.toBe(0);
    expect(failed.output).toContain("FileNotFoundException");
    expect(outcome).toMatchObject({ exitCode: 3, output: expect.stringContaining("Größe") });
  });
});

describe.skipIf(!hasDotnet)(`J: the exported PowerShell${onDotnet}`, () => {
  beforeAll(async () => {
    await buildPowerShell();
    bed = await ScriptBed.make(makeTestLab());
  });

  afterAll(() => bed.remove());

  it("registers and removes what register does, and detects both", async () => {
    const subject = await makeSubject();
    const { addin, absent, registered } = subject;
    const [before, whatIf, first, again, found] = await bed.run(
      detect(subject),
      run(subject, "WhatIf"),
      run(subject),
      run(subject),
      detect(subject),
    );
    expect(before).toMatchObject({ exitCode: 1 });
    expect(whatIf).toMatchObject({ exitCode: 0, registry: absent });
    expect(whatIf?.output.match(/^ {2}Write /gmu)).toHaveLength(11);
    expect(first).toMatchObject({ exitCode: 0, errors: "", registry: registered });
    expect(again).toMatchObject({ exitCode: 0, errors: "", registry: registered });
    expect(found).toMatchObject({ exitCode: 0, output: expect.stringContaining("Registered") });

    const status = await bed.cli(addin, "status", "--json");
    expect(JSON.parse(status.stdout)).toMatchObject({ condition: "as written" });
    expect(await bed.cli(addin, "simulate", "restore")).toMatchObject({ code: 0 });

    const [whatIfGone, gone, goneAgain, notFound] = await bed.run(
      run(subject, "Unregister", "WhatIf"),
      run(subject, "Unregister"),
      run(subject, "Unregister"),
      detect(subject),
    );
    expect(whatIfGone).toMatchObject({ exitCode: 0, registry: registered });
    expect(whatIfGone?.output.match(/^ {2}Remove .*, value /gmu)).toHaveLength(11);
    expect(gone).toMatchObject({ exitCode: 0, errors: "", registry: absent });
    expect(goneAgain).toMatchObject({ exitCode: 0, errors: "", registry: absent });
    expect(notFound).toMatchObject({ exitCode: 1 });
    const after = await bed.cli(addin, "status", "--json");
    expect(JSON.parse(after.stdout)).toMatchObject({ condition: "not registered" });
  });

  it("detects and removes what register wrote", async () => {
    const subject = await makeSubject();
    const { addin, absent, registered } = subject;
    await bed.agent.register(addin.manifestFile, addin.serverScript);
    const [found, again, gone] = await bed.run(
      detect(subject),
      run(subject),
      run(subject, "Unregister"),
    );
    expect(found).toMatchObject({ exitCode: 0 });
    expect(again).toMatchObject({ exitCode: 0, registry: registered });
    expect(gone).toMatchObject({ exitCode: 0, registry: absent });
    // The registration record is still there.
    expect(await bed.cli(addin, "status")).toMatchObject({ code: 1 });
    expect(await bed.cli(addin, "unregister")).toMatchObject({ code: 0 });
    const status = await bed.cli(addin, "status", "--json");
    expect(JSON.parse(status.stdout)).toMatchObject({ condition: "not registered" });
  });

  it("registers what unregister removes", async () => {
    const subject = await makeSubject();
    const { addin, scripts, absent, registered } = subject;
    const [first] = await bed.run(run(subject));
    expect(first).toMatchObject({ exitCode: 0, registry: registered });
    expect(await bed.cli(addin, "unregister")).toMatchObject({ code: 0 });
    expect(await bed.read(scripts.keys)).toEqual(absent);
  });

  it("asks one question, and changes everything or nothing according to the answer", async () => {
    const subject = await makeSubject();
    const { absent, registered } = subject;
    const answers = ["No", "Yes", "Yes to All"] as const;
    const jobs = answers.flatMap((answer) => [
      { ...run(subject, "Confirm"), answers: [answer] },
      { ...run(subject, "Unregister", "Confirm"), answers: [answer] },
    ]);
    const results = await bed.run(...jobs);
    expect(results.map(({ questions }) => questions.length)).toEqual([1, 0, 1, 1, 1, 1]);
    expect(results.map(({ exitCode }) => exitCode)).toEqual([1, 0, 0, 0, 0, 0]);
    const states = [absent, absent, registered, absent, registered, absent];
    expect(results.map(({ registry }) => registry)).toEqual(states);
    const declined = { ...run(subject, "Unregister", "Confirm"), answers: ["No"] as const };
    const [, kept] = await bed.run(run(subject), declined, run(subject, "Unregister"));
    expect(kept).toMatchObject({ exitCode: 1, registry: registered });
  });

  it("changes nothing while a restore session is open: exit code 3", async () => {
    const subject = await makeSubject();
    const { addin, absent, registered } = subject;
    const mark = markKey(addin.clsid);
    const open = async (): Promise<void> => {
      await bed.agent.binding.createRegistryKey(mark);
      await bed.agent.binding.writeRegistryValue(mark, MARK_VALUE, 7, new Uint8Array(4));
    };
    await open();
    const [refused, whatIf] = await bed.run(run(subject), run(subject, "WhatIf"));
    expect(refused).toMatchObject({ exitCode: 3, registry: absent });
    expect(whatIf).toMatchObject({ exitCode: 3, registry: absent });
    await bed.agent.binding.deleteRegistryKey(mark);
    await bed.run(run(subject));
    await open();
    const [kept, same] = await bed.run(run(subject, "Unregister"), run(subject));
    expect(kept).toMatchObject({ exitCode: 3, registry: registered });
    expect(same).toMatchObject({ exitCode: 0, registry: registered });
    await bed.agent.binding.deleteRegistryKey(mark);
    await bed.run(run(subject, "Unregister"));
  });

  it("keeps what others changed or added", async () => {
    const subject = await makeSubject();
    const { addin } = subject;
    await bed.run(run(subject));
    const { type, data } = encodeString("somebody else's");
    const { binding } = bed.agent;
    await binding.writeRegistryValue(
      writerKey(addin.writerId),
      "Application Identifier",
      type,
      data,
    );
    await binding.writeRegistryValue(classKey(addin.clsid), "Other", type, data);
    const [changed, gone] = await bed.run(detect(subject), run(subject, "Unregister"));
    expect(changed).toMatchObject({ exitCode: 1 });
    expect(gone).toMatchObject({ exitCode: 0 });
    expect(gone?.output).toContain("Application Identifier");
    expect(gone?.registry.filter((line) => line.includes("somebody else's"))).toHaveLength(2);
    await binding.deleteRegistryKey(writerKey(addin.writerId));
    await binding.deleteRegistryKey(classKey(addin.clsid));
  });

  it("changes nothing where a value has a type that PowerShell cannot write back", async () => {
    const subject = await makeSubject();
    const key = writerKey(subject.addin.writerId);
    const bigEndian = 5; // REG_DWORD_BIG_ENDIAN (winnt.h)
    await bed.agent.binding.createRegistryKey(key);
    await bed.agent.binding.writeRegistryValue(key, "CLSID", bigEndian, new Uint8Array(4));
    const before = await bed.read(subject.scripts.keys);
    const [refused] = await bed.run(run(subject));
    expect(refused).toMatchObject({ exitCode: 1, registry: before });
    expect(refused?.errors).toContain("value CLSID");
    await bed.agent.binding.deleteRegistryKey(key);
  });

  describe("in Constrained Language Mode", () => {
    const constrained = true;

    it("detects what is there and what is not, and changes nothing", async () => {
      const subject = await makeSubject();
      const { absent } = subject;
      const [missing, refused, , found] = await bed.run(
        detect(subject, { constrained }),
        { ...run(subject), constrained },
        run(subject),
        detect(subject, { constrained }),
      );
      expect(missing).toMatchObject({ exitCode: 1 });
      expect(refused).toMatchObject({ exitCode: 1, registry: absent });
      expect(refused?.errors).toContain("policy");
      expect(found).toMatchObject({ exitCode: 0, output: expect.stringContaining("Registered") });
      const { binding } = bed.agent;
      const { type, data } = encodeString("changed");
      await binding.writeRegistryValue(classKey(subject.addin.clsid), "AppID", type, data);
      const [changed] = await bed.run(detect(subject, { constrained }));
      expect(changed).toMatchObject({ exitCode: 1, output: expect.stringContaining("AppID") });
      await bed.run(run(subject, "Unregister"));
      await binding.deleteRegistryKey(classKey(subject.addin.clsid));
    });

    // On Windows, the real one is there.
    it.runIf(process.platform !== "win32")(
      "detects from a 32-bit process, with the 64-bit PowerShell",
      async () => {
        const { lab } = bed.testLab;
        if (lab.kind !== "wine") throw new Error("not written for Windows yet");
        const subject = await makeSubject();
        const [unreadable] = await bed.run(detect(subject, { constrained, as32Bit: true }));
        expect(unreadable).toMatchObject({ exitCode: 2 });
        const folder = join(lab.prefix, "drive_c/windows/Sysnative/WindowsPowerShell");
        mkdirSync(folder, { recursive: true });
        symlinkSync(await buildPowerShell(), join(folder, "v1.0"));
        const results = await bed.run(
          detect(subject, { constrained, as32Bit: true }),
          run(subject),
          detect(subject, { constrained, as32Bit: true }),
          detect(subject, { as32Bit: true }),
          run(subject, "Unregister"),
        );
        expect(results.map(({ exitCode }) => exitCode)).toEqual([1, 0, 0, 0, 0]);
      },
    );
  });

  it.each([
    `"double" 'single' \u2018\u2019\u201A\u201B`,
    "`backtick` `n `u{41}",
    "$env:Path ${x} $(Get-Date) @(1) %PATH%",
    "{0} [a-z]* ? # ; & | < > ^ !",
    "-WhatIf",
    "Größe 日本語 \u{1F4D2} e\u0301",
    "...",
  ])("registers, detects and removes %s", async (text) => {
    const subject = await makeSubject({ name: text, applicationIdentifier: text });
    const { absent, registered } = subject;
    const [first, found, constrained, gone, missing] = await bed.run(
      run(subject),
      detect(subject),
      detect(subject, { constrained: true }),
      run(subject, "Unregister"),
      detect(subject, { constrained: true }),
    );
    expect(first).toMatchObject({ exitCode: 0, errors: "", registry: registered });
    expect(found).toMatchObject({ exitCode: 0 });
    expect(constrained).toMatchObject({ exitCode: 0 });
    expect(gone).toMatchObject({ exitCode: 0, errors: "", registry: absent });
    expect(missing).toMatchObject({ exitCode: 1 });
  });
});
