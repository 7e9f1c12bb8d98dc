import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { APPLICATION_SUPPORT, classKey } from "../../src/tools/registration/keys.ts";
import {
  buildPowerShell,
  hasDotnet,
  killPowerShell,
  type Interruption,
  type PowerShellJob,
  type PowerShellResult,
} from "../helpers/lab/powershell.ts";
import { ScriptBed, type Scripts } from "../helpers/lab/script-bed.ts";
import { makeTestLab, type TestAddin } from "../helpers/lab/test-lab.ts";

// Shown for skipped tests.
const onDotnet = hasDotnet ? "" : " (takes the .NET SDK 10)";

// Every line takes minutes; all of them were run once.
const EVERY_NTH_LINE = 7;

/** The first line of the script after the question. */
const BEGIN = "$isDone = $false";
const CHANGE = "Set-Value $change.Key $change.Name $change.After";
const FAILED = "$reason = 'Failed at";

type Direction = readonly [] | readonly ["Unregister"];
const directions: readonly (readonly [name: string, direction: Direction])[] = [
  ["registration", []],
  ["removal", ["Unregister"]],
];

let bed: ScriptBed;
let addin: TestAddin;
let scripts: Scripts;
/** An earlier registration: another name, in another folder. */
let older: Scripts;
let keys: readonly string[];
let absent: readonly string[];
let olderState: readonly string[];
let registered: readonly string[];

function run(direction: Direction, more: Partial<PowerShellJob> = {}): PowerShellJob {
  return { script: scripts.script, switches: direction, keys, ...more };
}

function runOlder(direction: Direction): PowerShellJob {
  return { script: older.script, switches: direction, keys };
}

/** The runs that lead to the state before `direction`, whatever is there. */
function prepare(direction: Direction): readonly PowerShellJob[] {
  const remove = [runOlder(["Unregister"]), run([]), run(["Unregister"])];
  return [...remove, runOlder([]), ...(direction.length === 0 ? [] : [run([])])];
}

/** The state before and after an uninterrupted run. */
function states(direction: Direction): Readonly<Record<"before" | "after", readonly string[]>> {
  return direction.length === 0
    ? { before: olderState, after: registered }
    : { before: registered, after: absent };
}

/** Names the state in which an interrupted run left the registry. */
function outcome({ registry, exitCode, errors }: PowerShellResult, direction: Direction): string {
  const { before, after } = states(direction);
  const text = registry.join("\n");
  if (text === after.join("\n")) return "all";
  if (text !== before.join("\n")) return `half: ${text}`;
  return exitCode === 1 && errors.includes("All changes were undone.") ? "none" : errors;
}

/** The moment before the change with a number. */
function atChange(at: number): Interruption {
  return { from: BEGIN, counting: CHANGE, at };
}

/** The moment when the key of a change is open and its value not yet written. */
function atWrite(at: number): Interruption {
  return { from: BEGIN, counting: "$key.DeleteValue(", at };
}

/** Runs the script in a process that is killed before it writes the value with a number. */
async function kill(direction: Direction, at: number): Promise<void> {
  const interruptions = [{ ...atWrite(at), kind: "kill" } as const];
  await killPowerShell(bed.testLab, run(direction, { interruptions }));
}

/** Runs one job per line, each stopped there, after one that counts the lines. */
async function stopAtLines(
  direction: Direction,
  from: string,
  more: Partial<PowerShellJob> = {},
): Promise<readonly PowerShellResult[]> {
  const stopAt = (at: number): PowerShellJob =>
    run(direction, { ...more, interruptions: [{ from, at }] });
  const counted = await bed.run(...prepare(direction), stopAt(0));
  const lines = counted.at(-1)?.lines ?? 0;
  expect(lines).toBeGreaterThan(100);
  const jobs: PowerShellJob[] = [];
  for (let at = 1; at <= lines; at += EVERY_NTH_LINE) {
    jobs.push(...prepare(direction), stopAt(at));
  }
  const results = await bed.run(...jobs);
  const step = prepare(direction).length + 1;
  return results.filter((_, index) => index % step === step - 1);
}

describe.skipIf(!hasDotnet)(`J: an exported script that is interrupted${onDotnet}`, () => {
  beforeAll(async () => {
    await buildPowerShell();
    bed = await ScriptBed.make(makeTestLab());
    addin = await bed.buildAddin();
    scripts = await bed.export(addin);
    older = await bed.export(addin, { name: "Older" });
    ({ keys } = scripts);
    const [nothing, first, second] = await bed.run({ keys }, runOlder([]), run([]));
    absent = nothing?.registry ?? [];
    olderState = first?.registry ?? [];
    registered = second?.registry ?? [];
    expect(new Set([absent, olderState, registered].map(String)).size).toBe(3);
  });

  afterAll(() => bed.remove());

  it.each(directions)("leaves all or nothing of a %s stopped at any line", async (_, direction) => {
    const results = await stopAtLines(direction, BEGIN);
    const outcomes = results.map((result) => outcome(result, direction));
    expect(new Set(outcomes)).toEqual(new Set(["none", "all"]));
    expect(results.filter(({ stopped }) => !stopped)).toEqual([]);
    // PowerShell forgets a stop that comes during a block `finally`; the script then goes on.
    expect(outcomes.filter((one) => one === "none").length).toBeGreaterThan(results.length / 2);
  });

  it("undoes a registration of which a value cannot be written", async () => {
    const bar = [classKey(addin.clsid)];
    await bed.run(...prepare(["Unregister"]), run(["Unregister"]));
    const [before, failed] = await bed.run({ bar, keys }, run([]));
    expect(failed).toMatchObject({ exitCode: 1, registry: before?.registry });
    expect(failed?.errors).toContain("LocalServer32");
    expect(failed?.errors).toContain("All changes were undone.");
    await bed.agent.binding.deleteRegistryKey(classKey(addin.clsid));
  });

  it("undoes such a registration also when it is stopped in the undo", async () => {
    await bed.run(...prepare(["Unregister"]), run(["Unregister"]));
    const bar = [classKey(addin.clsid)];
    const [barred] = await bed.run({ bar, keys });
    const stopAt = (at: number): PowerShellJob =>
      run([], { interruptions: [{ from: FAILED, at }] });
    const [counted] = await bed.run(stopAt(0));
    const lines = counted?.lines ?? 0;
    expect(lines).toBeGreaterThan(50);
    const jobs: PowerShellJob[] = [];
    for (let at = 1; at <= lines; at += EVERY_NTH_LINE) jobs.push(stopAt(at));
    for (const { registry, exitCode } of await bed.run(...jobs)) {
      expect(registry).toEqual(barred?.registry);
      expect(exitCode).toBe(1);
    }
    await bed.agent.binding.deleteRegistryKey(classKey(addin.clsid));
  });

  // On a real Windows, other registrations are below the key that this replaces.
  it.runIf(process.platform !== "win32").each([
    ["fails", [APPLICATION_SUPPORT], { from: FAILED, at: 1 }, []],
    ["is stopped", [], atChange(5), [atChange(5)]],
  ] as const)("lists what is left when it %s and the undo fails: exit code 6", async (...of) => {
    const [, bar, sabotage, stop] = of;
    const { binding } = bed.agent;
    // The class's old values cannot be written back below a key that is replaced meanwhile.
    const key = classKey(addin.clsid);
    const interruptions = [{ ...sabotage, kind: "bar", key } as const, ...stop];
    const results = await bed.run(...prepare([]), { bar }, run([], { interruptions }));
    const result = results.at(-1);
    expect(result).toMatchObject({ exitCode: 6, stopped: stop.length > 0 });
    expect(result?.errors).toContain("Not everything could be undone");
    expect(result?.errors).toMatch(/^ {2}HKLM\\.*LocalServer32, value \(default\): /mu);
    expect(result?.errors).not.toContain("All changes were undone");
    await bed.run({ bar: [key, APPLICATION_SUPPORT] });
    await binding.deleteRegistryKey(key);
    await binding.deleteRegistryKey(APPLICATION_SUPPORT);
    await binding.createRegistryKey(APPLICATION_SUPPORT);
    const [done] = await bed.run(run([]));
    expect(done).toMatchObject({ exitCode: 0, registry: registered });
  });

  it.each(directions)("completes a killed %s when it runs again", async (_, direction) => {
    const counting = run(direction, { interruptions: [atWrite(0)] });
    const changes = (await bed.run(...prepare(direction), counting)).at(-1)?.lines ?? 0;
    expect(changes).toBeGreaterThan(4);
    const seen = new Set<string>();
    await bed.run(...prepare(direction));
    for (let at = 1; at <= changes; at += 1) {
      await kill(direction, at);
      const after = [{ keys }, run(direction), ...prepare(direction)];
      const [left, again] = await bed.run(...after);
      seen.add(String(left?.registry));
      expect(again).toMatchObject({ exitCode: 0, registry: states(direction).after });
    }
    expect(seen.size).toBe(changes);
  });

  it("removes what a killed registration left", async () => {
    await bed.run(...prepare(["Unregister"]), run(["Unregister"]));
    for (const at of [1, 2, 6, 11]) {
      await kill([], at);
      const status = await bed.cli(addin, "status", "--json");
      expect(JSON.parse(status.stdout)).not.toMatchObject({ condition: "as written" });
      const [gone] = await bed.run(run(["Unregister"]));
      expect(gone).toMatchObject({ exitCode: 0, registry: absent });
    }
  });
});
