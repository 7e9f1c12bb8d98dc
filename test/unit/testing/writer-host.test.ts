import { describe, expect, it } from "vitest";

import { HRESULT } from "../../../src/base/hresult.ts";
import { defineWriter, type WriterHandlers } from "../../../src/runtime/writer/define-writer.ts";
import { createWriterTestHost, type BackupOutcome } from "../../../src/testing/writer-host.ts";

/** An application that counts, and whose count is on its disk only after a flush. */
class Ledger {
  isFrozen = false;
  readonly calls: string[] = [];
  readonly handlers: WriterHandlers = {
    freeze: () => {
      this.calls.push("freeze");
      this.isFrozen = true;
    },
    thaw: ({ reason }) => {
      this.calls.push(`thaw ${reason}`);
      this.isFrozen = false;
    },
  };
}

/** Makes a handler that fails. */
function fail(text: string): () => never {
  return () => {
    throw new Error(text);
  };
}

function eventsOf({ steps }: BackupOutcome): readonly string[] {
  return steps.map(({ event, succeeded }) => (succeeded ? event : `${event} fails`));
}

describe("a backup of the test host", () => {
  it("freezes the application for its copy, and thaws it", async () => {
    const ledger = new Ledger();
    const host = createWriterTestHost(defineWriter(ledger.handlers));
    const outcome = await host.backup({ copy: () => void ledger.calls.push("copy") });
    expect(outcome.succeeded).toBe(true);
    expect(outcome).not.toHaveProperty("error");
    expect(ledger.calls).toEqual(["freeze", "copy", "thaw thaw"]);
    expect(eventsOf(outcome)).toEqual([
      "prepareBackup",
      "prepareSnapshot",
      "freeze",
      "thaw",
      "postSnapshot",
      "backupComplete",
      "backupShutdown",
    ]);
  });

  it("passes on what it was given", async () => {
    const requests: unknown[] = [];
    const writer = defineWriter({
      prepareSnapshot: (request) => void requests.push(request),
      backupComplete: (request) => void requests.push(request),
    });
    const volumes = [{ volume: "C:\\", isInSet: false }];
    await createWriterTestHost(writer).backup({
      backupType: "copy",
      components: [{ componentName: "Ledger" }],
      volumes,
    });
    const backup = {
      backupType: "copy",
      components: [{ componentName: "Ledger", logicalPath: null }],
    };
    expect(requests).toEqual([{ ...backup, snapshotSetId: expect.any(String), volumes }, backup]);
  });

  it("fails with its freeze, which is thawed", async () => {
    const ledger = new Ledger();
    const writer = defineWriter({
      ...ledger.handlers,
      freeze: () => {
        throw new Error("The ledger is busy.");
      },
    });
    const host = createWriterTestHost(writer);
    const outcome = await host.backup();
    expect(outcome).toMatchObject({ succeeded: false, error: "The ledger is busy." });
    expect(eventsOf(outcome).slice(2)).toEqual(["freeze fails", "abort", "backupShutdown"]);
    expect(outcome.steps[2]).toMatchObject({
      hresult: HRESULT.VSS_E_WRITERERROR_NONRETRYABLE,
      failure: { code: "Error", text: "The ledger is busy." },
    });
    expect(ledger.calls).toEqual(["thaw freezeFailed"]);
  });

  it("tells why the freeze failed, also when the thaw after it fails too", async () => {
    const writer = defineWriter({ freeze: fail("It is busy."), thaw: fail("It is gone.") });
    const { steps } = await createWriterTestHost(writer).backup();
    expect(steps[2]).toMatchObject({ event: "freeze", failure: { text: "It is busy." } });
  });

  it("fails with a freeze that takes too long", async () => {
    const ledger = new Ledger();
    const writer = defineWriter({ ...ledger.handlers, freeze: () => new Promise(() => {}) });
    const host = createWriterTestHost(writer);
    const backup = host.backup();
    await host.clock.advance(10_000);
    expect((await backup).steps[2]?.hresult).toBe(HRESULT.VSS_E_WRITERERROR_TIMEOUT);
  });

  it("fails with a copy that fails, and thaws", async () => {
    const ledger = new Ledger();
    const host = createWriterTestHost(defineWriter(ledger.handlers));
    const outcome = await host.backup({
      copy: () => {
        throw new Error("The copy failed.");
      },
    });
    expect(outcome).toMatchObject({ succeeded: false, error: "The copy failed." });
    expect(ledger.calls).toEqual(["freeze", "thaw abort"]);
  });

  it("fails with a copy that takes too long: the application was thawed meanwhile", async () => {
    const ledger = new Ledger();
    const host = createWriterTestHost(defineWriter(ledger.handlers));
    const outcome = await host.backup({ copy: () => host.clock.advance(10_000) });
    expect(outcome.succeeded).toBe(false);
    expect(ledger.calls).toEqual(["freeze", "thaw timeout"]);
    expect(eventsOf(outcome)).toContain("thaw fails");
    expect(host.log).toContainEqual(expect.objectContaining({ level: "warn" }));
  });

  it("can follow another", async () => {
    const ledger = new Ledger();
    const host = createWriterTestHost(defineWriter(ledger.handlers));
    for (let number = 0; number < 3; number += 1) {
      expect((await host.backup()).succeeded).toBe(true);
    }
  });
});

describe("a thaw of the test host", () => {
  it("runs without a freeze, as in another process", async () => {
    const ledger = new Ledger();
    const host = createWriterTestHost(defineWriter(ledger.handlers));
    expect((await host.thaw()).succeeded).toBe(true);
    expect((await host.thaw("start")).succeeded).toBe(true);
    expect(ledger.calls).toEqual(["thaw serviceEnded", "thaw start"]);
  });

  it("tells how it failed", async () => {
    const writer = defineWriter({
      thaw: () => {
        throw new Error("Nothing is frozen.");
      },
    });
    expect(await createWriterTestHost(writer).thaw()).toMatchObject({
      succeeded: false,
      error: "Nothing is frozen.",
    });
  });
});
