import { beforeEach, describe, expect, it, vi } from "vitest";

import { APPLICATION_SUPPORT } from "../../../../src/tools/registration/keys.ts";
import type { PlanEntry } from "../../../../src/tools/registration/plan.ts";
import {
  applyRegistration,
  planRemoval,
  planSteps,
  planTasks,
  recoverRegistration,
  removeRegistration,
  type RegistrationOutcome,
} from "../../../../src/tools/registration/register.ts";
import { decodeString } from "../../../../src/tools/registration/registry-value.ts";
import {
  changesRegistry,
  writeText,
  type FakeRegistry,
} from "../../../helpers/fakes/fake-registry.ts";
import { APP_ID, CLSID, WRITER_ID } from "../../../helpers/manifest.ts";
import { fakeMachine, planOf, type FakeMachine } from "../../../helpers/fakes/registration.ts";

const classKey = `SOFTWARE\\Classes\\CLSID\\${CLSID}`;
const writerKey = `SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\WindowsServerBackup\\Application Support\\${WRITER_ID}`;
const OTHER_WRITER = "{00000000-0000-0000-0000-000000000001}";
const ACCESS_DENIED = 0x80070005;

let machine: FakeMachine;
let registry: FakeRegistry;

beforeEach(() => {
  machine = fakeMachine();
  registry = machine.api;
});

function write(key: string, name: string, text: string): void {
  writeText(registry, { key, name }, text);
}

function apply(
  plan: readonly PlanEntry[] = planOf(),
  writerId: string = WRITER_ID,
): Promise<RegistrationOutcome> {
  return applyRegistration(machine, writerId, plan);
}

function remove(): Promise<RegistrationOutcome> {
  return removeRegistration(machine, WRITER_ID);
}

/** Registry and start-up tasks in a form that can be compared. */
function snapshot(): string {
  return JSON.stringify([
    registry.snapshot(),
    [...machine.tasks.xml.entries()].map(String).toSorted(),
  ]);
}

/** Registers with a start-up task. */
function applyWithTask(clsid: string = CLSID, xml = "<Task/>"): Promise<RegistrationOutcome> {
  const plan = planOf({ addin: { clsid, appId: APP_ID } });
  return applyRegistration(machine, WRITER_ID, plan, { task: { clsid, xml } });
}

describe("a registration", async () => {
  it("is written in the plan's order, entry by entry", async () => {
    expect(await apply()).toEqual({ changed: true, kept: [] });
    const written = registry.writes
      .filter(({ api }) => api === "writeRegistryValue")
      .map(({ path, name }) => [path, name]);
    expect(written).toEqual(planOf().map(({ key, name }) => [key, name]));
  });

  it.each([
    ["an add-in", planOf()],
    ["an application without an add-in", planOf({ addin: undefined })],
  ])("of %s leaves nothing behind when it is removed", async (_, plan) => {
    const before = registry.snapshot();
    await apply(plan);
    expect(registry.snapshot()).not.toEqual(before);
    expect(await remove()).toEqual({ changed: true, kept: [] });
    expect(registry.snapshot()).toEqual(before);
  });

  it("is removed in reverse order, so that Windows Server Backup never sees a missing class", async () => {
    await apply();
    await remove();
    const removed = registry.writes
      .filter(({ api }) => api === "deleteRegistryValue")
      .map(({ path, name }) => [path, name]);
    expect(removed).toEqual(
      planOf()
        .map(({ key, name }) => [key, name])
        .toReversed(),
    );
  });

  it("keeps existing keys unchanged", async () => {
    write(APPLICATION_SUPPORT, "Foreign", "stays");
    write(`SOFTWARE\\Classes\\AppID\\${APP_ID}`, "LocalService", "stays");
    const before = registry.snapshot();
    await apply();
    await remove();
    expect(registry.snapshot()).toEqual(before);
  });

  it("keeps values that others add to its keys, and the keys for them", async () => {
    await apply();
    write(classKey, "Foreign", "stays");
    write(`${writerKey}\\Child`, "", "stays");
    await remove();
    expect(registry.readRegistryKey(classKey)).toEqual({ values: ["Foreign"], subkeys: [] });
    expect(registry.readRegistryKey(writerKey)).toEqual({ values: [], subkeys: ["Child"] });
  });

  it("changes nothing when it is written again", async () => {
    await apply();
    const writes = registry.writes.length;
    expect(await apply()).toEqual({ changed: false, kept: [] });
    expect(registry.writes).toHaveLength(writes);
  });

  it("is removed again when others have left something in its key", async () => {
    await apply();
    write(writerKey, "Foreign", "stays");
    await remove();
    expect(await remove()).toEqual({ changed: false, kept: [] });
  });

  it("changes nothing when it is removed again", async () => {
    await apply();
    await remove();
    const writes = registry.writes.length;
    expect(await remove()).toEqual({ changed: false, kept: [] });
    expect(registry.writes).toHaveLength(writes);
  });

  it("exists beside another writer's, and is removed without it", async () => {
    await apply(planOf({ writerId: OTHER_WRITER, addin: undefined }), OTHER_WRITER);
    const before = registry.snapshot();
    await apply();
    await remove();
    expect(registry.snapshot()).toEqual(before);
  });

  it("replaces its own values", async () => {
    const before = registry.snapshot();
    await apply(planOf({ name: "Old" }));
    expect(await apply()).toEqual({ changed: true, kept: [] });
    expect(decodeString(registry.readRegistryValue(classKey, ""))).toBe("Contoso Ledger");
    await remove();
    expect(registry.snapshot()).toEqual(before);
  });

  it("repairs changed values", async () => {
    await apply();
    const before = registry.snapshot();
    write(`${classKey}\\LocalServer32`, "", "C:\\elsewhere.exe");
    registry.deleteRegistryValue(writerKey, "CLSID");
    expect(await apply()).toEqual({ changed: true, kept: [] });
    expect(registry.snapshot()).toEqual(before);
  });

  it("restores missing keys, and still leaves nothing behind", async () => {
    const before = registry.snapshot();
    await apply();
    registry.deleteRegistryKey(`${classKey}\\LocalServer32`);
    registry.deleteRegistryKey(classKey);
    await apply();
    await remove();
    expect(registry.snapshot()).toEqual(before);
  });

  it("creates keys of Windows that somebody removed, and leaves nothing behind", async () => {
    for (const key of ["AppID", "CLSID"]) {
      registry.deleteRegistryKey(`SOFTWARE\\Classes\\${key}`);
    }
    registry.deleteRegistryKey("SOFTWARE\\Classes");
    const before = registry.snapshot();
    await apply();
    await remove();
    expect(registry.snapshot()).toEqual(before);
  });

  it("leaves a key that it once had, and that somebody else has created since", async () => {
    await apply();
    await apply(planOf({ addin: undefined }));
    registry.createRegistryKey(classKey);
    await remove();
    expect(registry.hasRegistryKey(classKey)).toBe(true);
  });

  it("removes the class of an add-in that the application no longer has", async () => {
    const alone = fakeMachine();
    await applyRegistration(alone, WRITER_ID, planOf({ addin: undefined }));
    const before = registry.snapshot();
    await apply();
    await apply(planOf({ addin: undefined }));
    expect(registry.snapshot()).toEqual(alone.api.snapshot());
    await remove();
    expect(registry.snapshot()).toEqual(before);
  });

  it("removes the old class of an add-in with a new CLSID", async () => {
    const before = registry.snapshot();
    await apply();
    await apply(planOf({ addin: { clsid: OTHER_WRITER, appId: APP_ID } }));
    expect(registry.readRegistryKey(classKey)).toBeNull();
    await remove();
    expect(registry.snapshot()).toEqual(before);
  });
});

/** What is made durable from now on, and the changes of the record. */
function followOrder(): readonly string[] {
  const order: string[] = [];
  registry.fault = ({ api, path }) => {
    if (api === "flushRegistryKey") order.push(`flush ${path}`);
    return undefined;
  };
  machine.records.fault = (change) => order.push(change);
  return order;
}

describe("a power cut", () => {
  it("takes nothing back: the registry is on the disk before a record says so", async () => {
    const order = followOrder();
    await apply();
    await remove();
    expect(order.join(", ")).toBe(
      "write, flush SYSTEM, flush SOFTWARE, write, write, flush SOFTWARE, flush SYSTEM, remove",
    );
  });

  it("after a failure takes nothing back either", async () => {
    const order = followOrder();
    const failing = applyRegistration(machine, WRITER_ID, planOf(), {
      activate: failingActivation,
    });
    await expect(failing).rejects.toThrow("no class");
    expect(order.slice(-3)).toEqual(["flush SYSTEM", "flush SOFTWARE", "remove"]);
  });
});

describe("a value that somebody else sets", () => {
  const server = `${classKey}\\LocalServer32`;
  const elsewhere = (): void => write(server, "", "C:\\elsewhere.exe");
  const isKept = (): unknown => decodeString(registry.readRegistryValue(server, ""));
  let told: string[];
  beforeEach(() => {
    told = [];
  });
  const onKept = (value: string): void => void told.push(value);
  const one = [expect.stringContaining("elsewhere.exe")];

  it("while a registration fails stays, and is named", async () => {
    const failing = applyRegistration(machine, WRITER_ID, planOf(), {
      activate: () => {
        elsewhere();
        return failingActivation();
      },
      onKept,
    });
    await expect(failing).rejects.toThrow("no class");
    expect([isKept(), told]).toEqual(["C:\\elsewhere.exe", one]);
    expect(registry.readRegistryKey(writerKey)).toBeNull();
  });

  it.each([
    ["a registration", "registering", () => apply()],
    ["a removal", "unregistering", () => remove()],
  ])("after %s was killed stays, and is named", async (_, state, run) => {
    if (state === "unregistering") await apply();
    let isDead = false;
    registry.fault = ({ api }) => {
      if (!changesRegistry(api)) return undefined;
      isDead ||= state === "unregistering" || api === "flushRegistryKey";
      return isDead ? ACCESS_DENIED : undefined;
    };
    machine.records.fault = () => {
      if (isDead) throw new Killed("killed");
    };
    await expect(run()).rejects.toThrow();
    registry.fault = () => undefined;
    machine.records.fault = () => {};
    expect(machine.records.read(WRITER_ID)).toMatchObject({ state });
    elsewhere();
    await recoverRegistration(machine, WRITER_ID, onKept);
    expect([isKept(), told]).toEqual(["C:\\elsewhere.exe", one]);
  });

  it("while the start-up task is removed stays, and is named", async () => {
    await applyWithTask();
    machine.tasks.fault = elsewhere;
    expect(await remove()).toEqual({ changed: true, kept: one });
    expect(isKept()).toBe("C:\\elsewhere.exe");
  });

  it("in a class that the add-in no longer has stays, and is named", async () => {
    await apply();
    elsewhere();
    const plan = planOf({ addin: { clsid: OTHER_WRITER, appId: APP_ID } });
    await applyRegistration(machine, WRITER_ID, plan, { onKept });
    expect([isKept(), told]).toEqual(["C:\\elsewhere.exe", one]);
  });

  it("is named by the removal that completes an interrupted one", async () => {
    await apply();
    const owned = machine.records.read(WRITER_ID);
    if (owned?.state !== "registered") throw new Error("There is no registration.");
    machine.records.write(WRITER_ID, { state: "unregistering", owned: owned.owned });
    elsewhere();
    expect(await remove()).toEqual({ changed: true, kept: one });
  });
});

describe("a replaced value", () => {
  it("is restored when the registration is removed", async () => {
    write(writerKey, "Application Identifier", "Fabrikam");
    write(classKey, "", "Fabrikam's class");
    const before = registry.snapshot();
    await apply();
    expect(await remove()).toEqual({ changed: true, kept: [] });
    expect(registry.snapshot()).toEqual(before);
  });

  it("stays when it already was the same", async () => {
    write(writerKey, "Application Identifier", "Contoso Ledger");
    const before = registry.snapshot();
    await apply();
    await remove();
    expect(registry.snapshot()).toEqual(before);
  });

  it("is not restored over a later change, which is reported", async () => {
    await apply();
    write(`${classKey}\\LocalServer32`, "", "C:\\elsewhere.exe");
    const { kept } = await remove();
    expect(kept).toHaveLength(1);
    expect(kept[0]).toContain("elsewhere.exe");
    expect(registry.readRegistryValue(`${classKey}\\LocalServer32`, "")).not.toBeNull();
  });
});

describe("an imported registration", () => {
  it("is removed by its plan", async () => {
    const before = registry.snapshot();
    registry.createRegistryKey(APPLICATION_SUPPORT);
    const withParents = registry.snapshot();
    for (const { key, name, value } of planOf()) {
      registry.createRegistryKey(key);
      registry.writeRegistryValue(key, name, value.type, value.data);
    }
    expect((await removeRegistration(machine, WRITER_ID, planOf())).changed).toBe(true);
    expect(registry.snapshot()).toEqual(withParents);
    expect(before).not.toEqual(withParents);
  });

  it("is removed in part only when its record was damaged", async () => {
    const [, ...rest] = planOf();
    for (const { key, name, value } of rest) {
      registry.createRegistryKey(key);
      registry.writeRegistryValue(key, name, value.type, value.data);
    }
    const conflict = expect.objectContaining({ code: "ERR_WSB_CONFLICT" });
    expect(() => planRemoval(machine, WRITER_ID, planOf(), { isPartial: false })).toThrow(conflict);
    await expect(removeRegistration(machine, WRITER_ID, planOf())).rejects.toThrow(conflict);
    const options = { isPartial: true };
    const planned = planRemoval(machine, WRITER_ID, planOf(), options)?.owned.values;
    expect(planned?.map(({ name }) => name)).toEqual(rest.map(({ name }) => name));
    await removeRegistration(machine, WRITER_ID, planOf(), options);
    expect(registry.readRegistryKey(classKey)).toBeNull();
  });

  it("is removed without a trace after a registration", async () => {
    registry.createRegistryKey(APPLICATION_SUPPORT);
    const before = registry.snapshot();
    for (const { key, name, value } of planOf()) {
      registry.createRegistryKey(key);
      registry.writeRegistryValue(key, name, value.type, value.data);
    }
    expect(await apply()).toEqual({ changed: false, kept: [] });
    expect(await remove()).toEqual({ changed: true, kept: [] });
    expect(registry.snapshot()).toEqual(before);
  });

  it("of another program is not changed", async () => {
    write(writerKey, "Application Identifier", "Exchange");
    const before = registry.snapshot();
    await expect(remove()).rejects.toMatchObject({ code: "ERR_WSB_CONFLICT" });
    expect(registry.snapshot()).toEqual(before);
  });
});

describe("a class that cannot be activated", () => {
  it("undoes the registration", async () => {
    const before = registry.snapshot();
    const activated = applyRegistration(machine, WRITER_ID, planOf(), {
      activate: failingActivation,
    });
    await expect(activated).rejects.toThrow("no class");
    expect(registry.snapshot()).toEqual(before);
    expect(machine.records.texts.size).toBe(0);
  });
});

function failingActivation(): Promise<void> {
  return Promise.reject(new Error("no class"));
}

/** Simulates a killed process: every later change fails. */
class Killed extends Error {}

interface Transition {
  readonly what: string;
  readonly prepare: () => Promise<void>;
  readonly run: () => Promise<unknown>;
}

const transitions: readonly Transition[] = [
  { what: "a first registration", prepare: async () => {}, run: () => apply() },
  {
    what: "an update to another class",
    prepare: async () => void (await apply()),
    run: () => apply(planOf({ addin: { clsid: OTHER_WRITER, appId: APP_ID } })),
  },
  {
    what: "a registration that drops its add-in",
    prepare: async () => void (await apply()),
    run: () => apply(planOf({ addin: undefined })),
  },
  {
    what: "a registration over other values",
    prepare: async () => write(writerKey, "CLSID", "{somebody else's}"),
    run: () => apply(),
  },
  {
    what: "a removal",
    prepare: async () => void (await apply()),
    run: () => remove(),
  },
  {
    what: "a first registration with a start-up task",
    prepare: async () => {},
    run: () => applyWithTask(),
  },
  {
    what: "an update to another class with a start-up task",
    prepare: async () => void (await applyWithTask()),
    run: () => applyWithTask(OTHER_WRITER, "<Task other/>"),
  },
  {
    what: "B: a removal with a start-up task",
    prepare: async () => void (await applyWithTask()),
    run: () => remove(),
  },
];

describe.each(transitions)("$what", ({ prepare, run }) => {
  /**
   * Runs the transition while the change with number `position` fails; a kill fails all later
   * changes.
   */
  async function breakAt(position: number, kill: boolean): Promise<boolean> {
    let changes = 0;
    const count = (): void => {
      changes += 1;
      if (changes === position || (kill && changes > position)) throw new Killed("killed");
    };
    registry.fault = ({ api }) => {
      if (changesRegistry(api)) count();
      return undefined;
    };
    machine.records.fault = count;
    machine.tasks.fault = count;
    const broke = await run().then(
      () => false,
      () => true,
    );
    registry.fault = () => undefined;
    machine.records.fault = () => {};
    machine.tasks.fault = () => {};
    return broke;
  }

  async function endStates(): Promise<readonly [before: string, after: string]> {
    await prepare();
    const before = snapshot();
    await run();
    const after = snapshot();
    machine = fakeMachine();
    registry = machine.api;
    await prepare();
    return [before, after];
  }

  it.each([
    ["killed at", true],
    ["failing at", false],
  ])("%s any change ends in one of the two clean states", async (_, kill) => {
    for (let position = 1, broke = true; broke; position += 1) {
      machine = fakeMachine();
      registry = machine.api;
      const states = await endStates();
      broke = await breakAt(position, kill);
      if (!kill) expect(states, `change ${position}`).toContain(snapshot());
      await recoverRegistration(machine, WRITER_ID);
      expect(states, `change ${position}`).toContain(snapshot());
      const record = machine.records.read(WRITER_ID);
      expect(record?.state ?? "registered").toBe("registered");
      // From there, the transition succeeds.
      await run();
      expect(snapshot()).toBe(states[1]);
    }
  });
});

describe("a denied access", () => {
  it("is reported by its code", async () => {
    registry.fault = ({ api }) => (api === "writeRegistryValue" ? ACCESS_DENIED : undefined);
    await expect(apply()).rejects.toMatchObject({
      code: "ERR_WSB_ACCESS_DENIED",
      hresult: ACCESS_DENIED,
    });
  });

  it("of every kind at one key changes nothing", async () => {
    registry.createRegistryKey(writerKey);
    const before = registry.snapshot();
    registry.fault = ({ api, path }) =>
      path === writerKey && changesRegistry(api) ? ACCESS_DENIED : undefined;
    await expect(apply()).rejects.toMatchObject({
      code: "ERR_WSB_ACCESS_DENIED",
      message: expect.stringContaining(writerKey),
    });
    expect(registry.snapshot()).toEqual(before);
    expect(machine.records.texts.size).toBe(0);
  });

  it("that also prevents the undo is reported with the leftovers, and the undo is repeated later", async () => {
    const before = registry.snapshot();
    registry.fault = ({ api, path, name }) => {
      const last = api.startsWith("write") && path === writerKey && name === "CLSID";
      return last || api.startsWith("delete") ? ACCESS_DENIED : undefined;
    };
    await expect(apply()).rejects.toMatchObject({ code: "ERR_WSB_UNDO" });
    registry.fault = () => undefined;
    expect(await recoverRegistration(machine, WRITER_ID)).toBe("registration undone");
    expect(registry.snapshot()).toEqual(before);
  });

  it("has another code than other failures of Windows", async () => {
    registry.fault = ({ api }) => (api === "writeRegistryValue" ? 0x800703fa : undefined);
    await expect(apply()).rejects.toMatchObject({
      code: "ERR_WSB_WINDOWS_API",
      hresult: 0x800703fa,
    });
  });
});

describe("what a dry run shows", () => {
  it("names the start-up task that a registration would create, and no change of one that stands", async () => {
    const task = { clsid: CLSID, xml: "<Task/>" };
    const { steps } = planSteps(registry, planOf(), { values: [], createdKeys: [] });
    expect(planTasks(machine, WRITER_ID, { plan: planOf(), task, steps })).toEqual([task]);
    await applyWithTask();
    expect(planTasks(machine, WRITER_ID, { plan: planOf(), task, steps: [] })).toEqual([]);
    expect(planTasks(machine, WRITER_ID, { plan: planOf(), task: null, steps: [] })).toEqual([
      { clsid: CLSID, xml: null },
    ]);
  });

  it("names the start-up task that would be removed, also when the record was lost", async () => {
    await applyWithTask();
    machine.records.remove(WRITER_ID);
    const before = snapshot();
    expect(planTasks(machine, WRITER_ID, { plan: planOf(), task: null, steps: [] })).toEqual([
      { clsid: CLSID, xml: null },
    ]);
    expect(snapshot()).toBe(before);
  });

  it("is all that a removal does, and changes nothing", async () => {
    await applyWithTask();
    write(classKey, "Added", "by somebody");
    const before = snapshot();
    const removal = planRemoval(machine, WRITER_ID, [], { isPartial: false });
    expect(removal?.tasks).toEqual([{ clsid: CLSID, xml: "<Task/>" }]);
    expect(snapshot()).toBe(before);
    const planned = removal?.steps.map(({ key }) => key);
    registry.writes.length = 0;
    await remove();
    const keys = new Set(planned);
    expect(registry.writes.filter(({ path }) => !keys.has(path))).toEqual([]);
    expect(planRemoval(machine, WRITER_ID, [], { isPartial: false })).toBeNull();
  });
});

describe("an application without an add-in", () => {
  it("has no start-up task that a removal could ask for, also an interrupted one", async () => {
    const removing = vi.spyOn(machine.tasks, "remove");
    await apply(planOf({ addin: undefined }));
    expect(planRemoval(machine, WRITER_ID, [], { isPartial: false })?.tasks).toEqual([]);
    const record = machine.records.read(WRITER_ID);
    if (record?.state !== "registered") throw new Error("There is no registration.");
    machine.records.write(WRITER_ID, { ...record, state: "unregistering" });
    expect(await recoverRegistration(machine, WRITER_ID)).toBe("removal completed");
    expect(removing).not.toHaveBeenCalled();
  });
});

describe("the record of the end", () => {
  it.each([
    ["a registration", "write", () => apply()],
    ["a removal", "remove", () => remove()],
  ])("of %s that failed does not stand while all is undone", async (_, end, run) => {
    if (end === "remove") await apply();
    const before = snapshot();
    const states: unknown[] = [];
    let hasFailed = false;
    let changes = 0;
    machine.records.fault = (change) => {
      changes += 1;
      if (hasFailed || change !== end || changes < 2) return;
      hasFailed = true;
      throw new Error("the disk failed");
    };
    registry.fault = ({ api }) => {
      if (hasFailed && changesRegistry(api)) states.push(machine.records.read(WRITER_ID)?.state);
      return undefined;
    };
    await expect(run()).rejects.toThrow("the disk failed");
    expect([new Set(states), snapshot()]).toEqual([new Set(["registering"]), before]);
  });
});

describe("B: a task scheduler that does not answer", () => {
  it.each(["register", "unregister"] as const)("leaves all as it was: %s", async (command) => {
    if (command === "unregister") await applyWithTask();
    const before = snapshot();
    machine.tasks.fault = () => {
      throw new Error("schtasks.exe ended with 1");
    };
    const run = command === "register" ? applyWithTask() : remove();
    await expect(run).rejects.toThrow("schtasks.exe");
    expect(snapshot()).toBe(before);
    machine.tasks.fault = () => {};
    await applyWithTask();
    expect(await remove()).toMatchObject({ changed: true });
    expect(machine.tasks.xml.size).toBe(0);
  });
});

describe("A: a record that names what no registration writes", () => {
  const evil = "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run";
  it.each([
    ["a key", { values: [{ key: evil, name: "", value: null }], keys: [] }],
    ["a value", { values: [{ key: classKey, name: "Evil", value: null }], keys: [] }],
    ["a key to delete", { values: [], keys: [{ key: evil, existed: false }] }],
    [
      "another writer",
      { values: [], keys: [{ key: writerKey.replace(WRITER_ID, OTHER_WRITER), existed: false }] },
    ],
  ])("is not obeyed: %s", async (_, before) => {
    const json = { version: 1, state: "registering", before, previous: null };
    machine.records.texts.set(WRITER_ID, JSON.stringify(json));
    const untouched = snapshot();
    for (const run of [apply, remove, () => recoverRegistration(machine, WRITER_ID)]) {
      await expect(run()).rejects.toMatchObject({ code: "ERR_WSB_CONFLICT" });
    }
    expect(snapshot()).toBe(untouched);
  });
});
