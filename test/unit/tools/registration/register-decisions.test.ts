/** Decisions of a registration that need a machine in an unusual state. */
import { beforeEach, describe, expect, it, vi } from "vitest";

import { writerKey } from "../../../../src/tools/registration/keys.ts";
import {
  applyRegistration,
  inspectRegistration,
  planSteps,
  recoverRegistration,
  removeRegistration,
} from "../../../../src/tools/registration/register.ts";
import { encodeString, sameValue } from "../../../../src/tools/registration/registry-value.ts";
import { writeText, type FakeRegistry } from "../../../helpers/fakes/fake-registry.ts";
import { fakeMachine, planOf, type FakeMachine } from "../../../helpers/fakes/registration.ts";
import { CLSID, WRITER_ID } from "../../../helpers/manifest.ts";

const NAME = "Application Identifier";
const KEY = writerKey(WRITER_ID);
const ACCESS_DENIED = 0x80070005;
const task = { clsid: CLSID, xml: "<Task/>" };

let machine: FakeMachine;
let registry: FakeRegistry;

beforeEach(() => {
  machine = fakeMachine();
  registry = machine.api;
});

function write(key: string, name: string, text: string): void {
  writeText(registry, { key, name }, text);
}

/** Leaves what a registration leaves that was killed after a value. */
function breakOff(before: string | null): void {
  write(KEY, NAME, "written");
  const value = before === null ? null : encodeString(before);
  machine.records.write(WRITER_ID, {
    state: "registering",
    before: {
      values: [{ key: KEY, name: NAME, value, written: encodeString("written") }],
      keys: [],
    },
    previous: null,
    tasks: [],
  });
}

function textAt(key: string, name: string): string | undefined {
  const found = registry.readRegistryValue(key, name);
  return found === null ? undefined : Buffer.from(found.data).toString("utf16le");
}

const failingActivation = (): Promise<void> => Promise.reject(new Error("no class"));

describe("a registration", () => {
  it("is undone when a value does not read back as it was written", async () => {
    const before = registry.snapshot();
    const keep = registry.writeRegistryValue.bind(registry);
    const writing = vi.spyOn(registry, "writeRegistryValue");
    writing.mockImplementation((key, name, type, data) => {
      keep(key, name, type, name === "CLSID" ? encodeString("other").data : data);
    });
    await expect(applyRegistration(machine, WRITER_ID, planOf())).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_WSB_(?:WINDOWS_API|UNDO)$/u),
      message: expect.stringContaining("reads back"),
    });
    expect(machine.records.read(WRITER_ID)?.state).not.toBe("registered");
    expect(registry.snapshot()).not.toContain(before.find((line) => line.includes("CLSID=")));
  });

  it("creates each missing key once", () => {
    const { steps } = planSteps(registry, planOf(), { values: [], createdKeys: [] });
    const created = steps.filter(({ kind }) => kind === "createKey").map(({ key }) => key);
    expect(created.length).toBeGreaterThan(0);
    expect(created).toEqual([...new Set(created)]);
  });

  it("leaves another program's equal value to it, and notices when it goes", async () => {
    const [first] = planOf();
    if (first === undefined) throw new Error("The plan is empty.");
    write(first.key, first.name, "");
    registry.writeRegistryValue(first.key, first.name, first.value.type, first.value.data);
    await applyRegistration(machine, WRITER_ID, planOf());
    await expect(removeRegistration(machine, WRITER_ID)).resolves.toEqual({
      changed: true,
      kept: [],
    });
    expect(sameValue(registry.readRegistryValue(first.key, first.name), first.value)).toBe(true);
    await applyRegistration(machine, WRITER_ID, planOf());
    registry.deleteRegistryValue(first.key, first.name);
    expect(inspectRegistration(machine, WRITER_ID)).toMatchObject({
      state: "drifted",
      drift: [{ name: first.name }],
    });
  });

  it("begins with what an interrupted one left", async () => {
    breakOff("before");
    await applyRegistration(machine, WRITER_ID, planOf());
    await removeRegistration(machine, WRITER_ID);
    // Not what the interrupted one had written.
    expect(textAt(KEY, NAME)).toBe("before\0");
  });

  it("changes nothing twice, and only the task when only the task is missing", async () => {
    await applyRegistration(machine, WRITER_ID, planOf(), { task });
    const activate = vi.fn<() => Promise<void>>(async () => {});
    registry.writes.length = 0;
    machine.records.fault = () => {
      throw new Error("a record was changed");
    };
    await expect(
      applyRegistration(machine, WRITER_ID, planOf(), { task, activate }),
    ).resolves.toEqual({ changed: false, kept: [] });
    expect([registry.writes, activate.mock.calls]).toEqual([[], []]);
    machine.records.fault = () => {};
    machine.tasks.xml.clear();
    await expect(
      applyRegistration(machine, WRITER_ID, planOf(), { task, activate }),
    ).resolves.toEqual({ changed: true, kept: [] });
    expect([machine.tasks.read(CLSID), activate.mock.calls]).toEqual(["<Task/>", []]);
  });

  it("says that it changed something when it has repaired a single value", async () => {
    await applyRegistration(machine, WRITER_ID, planOf());
    write(KEY, NAME, "Fabrikam");
    await expect(applyRegistration(machine, WRITER_ID, planOf())).resolves.toEqual({
      changed: true,
      kept: [],
    });
    expect(textAt(KEY, NAME)).toBe("Contoso Ledger\0");
  });

  it("activates the class, and sets the task, when a single value is repaired", async () => {
    await applyRegistration(machine, WRITER_ID, planOf(), { task });
    write(KEY, NAME, "Fabrikam");
    const activate = vi.fn<() => Promise<void>>(async () => {});
    const renewed = { clsid: CLSID, xml: "<Task new/>" };
    await expect(
      applyRegistration(machine, WRITER_ID, planOf(), { task: renewed, activate }),
    ).resolves.toEqual({ changed: true, kept: [] });
    expect(activate).toHaveBeenCalledTimes(1);
    expect(machine.tasks.read(CLSID)).toBe("<Task new/>");
  });

  it("names a start-up task that cannot be put back, and keeps its record", async () => {
    machine.tasks.fault = (change) => {
      if (change === "remove") throw new Error("the scheduler refuses");
    };
    let writes = 0;
    machine.records.fault = () => {
      writes += 1;
      if (writes === 2) throw new Error("the disk is full");
    };
    await expect(applyRegistration(machine, WRITER_ID, planOf(), { task })).rejects.toMatchObject({
      code: "ERR_WSB_UNDO",
      message: expect.stringMatching(/the disk is full[^]*\n {2}the scheduler refuses/u),
    });
    expect(machine.records.read(WRITER_ID)?.state).toBe("registering");
  });

  it("names a record that cannot be removed when all is undone", async () => {
    machine.records.fault = (change) => {
      if (change === "remove") throw new Error("the file is open");
    };
    await expect(
      applyRegistration(machine, WRITER_ID, planOf(), { activate: failingActivation }),
    ).rejects.toMatchObject({
      code: "ERR_WSB_UNDO",
      message: expect.stringMatching(/no class[^]*\n {2}the file is open/u),
    });
  });

  it("creates no task again that is as it was, when it is undone", async () => {
    await applyRegistration(machine, WRITER_ID, planOf(), { task });
    const create = vi.spyOn(machine.tasks, "create");
    machine.tasks.fault = () => {
      throw new Error("the scheduler refuses");
    };
    await expect(removeRegistration(machine, WRITER_ID)).rejects.toThrow("scheduler refuses");
    expect(create).not.toHaveBeenCalled();
  });

  it("calls nothing kept that somebody has put back already", async () => {
    write(KEY, NAME, "before");
    await applyRegistration(machine, WRITER_ID, planOf());
    write(KEY, NAME, "before");
    await expect(removeRegistration(machine, WRITER_ID)).resolves.toEqual({
      changed: true,
      kept: [],
    });
  });
});

describe("the recovery of an interrupted registration", () => {
  it("takes back what release 0.1.0 changed, which did not note what it wrote", async () => {
    write(KEY, NAME, "written");
    const before = { values: [{ key: KEY, name: NAME, value: null }], keys: [] };
    const record = { version: 1, state: "registering", before, previous: null };
    machine.records.texts.set(WRITER_ID, JSON.stringify(record));
    const found = machine.records.read(WRITER_ID);
    if (found === undefined) throw new Error("There is no record.");
    // A release that writes it again leaves out the same.
    machine.records.write(WRITER_ID, found);
    expect(machine.records.read(WRITER_ID)).toEqual(found);
    await expect(recoverRegistration(machine, WRITER_ID)).resolves.toBe("registration undone");
    expect(textAt(KEY, NAME)).toBeUndefined();
  });

  it("fails with every change that cannot be undone, keeps its record, and works later", async () => {
    breakOff("before");
    registry.fault = ({ api }) => (api === "writeRegistryValue" ? ACCESS_DENIED : undefined);
    await expect(recoverRegistration(machine, WRITER_ID)).rejects.toMatchObject({
      code: "ERR_WSB_UNDO",
      message: expect.stringContaining(KEY),
    });
    expect(machine.records.read(WRITER_ID)?.state).toBe("registering");
    registry.fault = () => undefined;
    await expect(recoverRegistration(machine, WRITER_ID)).resolves.toBe("registration undone");
    expect(textAt(KEY, NAME)).toBe("before\0");
  });
});
