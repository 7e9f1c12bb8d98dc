import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { setImmediate } from "node:timers/promises";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { BACKUP_EVENTS } from "../../../../src/base/handler-name.ts";
import { eventFile } from "../../../../src/runtime/events/event-file.ts";
import type { NativeBinding } from "../../../../src/runtime/native/binding.ts";
import type {
  ServiceHost,
  ServiceHostOptions,
} from "../../../../src/runtime/native/service-host.ts";
import type {
  NativeWriterOptions,
  WriterEventName,
} from "../../../../src/runtime/native/vss-writer.ts";
import type { WriterHandlers } from "../../../../src/runtime/writer/define-writer.ts";
import { guardWriter } from "../../../../src/runtime/writer/guard-writer.ts";
import type { StartGuardian } from "../../../../src/runtime/writer/guardian-leash.ts";
import { formatMessage, parseReport } from "../../../../src/runtime/writer/guardian-messages.ts";
import { freezeJournalPath } from "../../../../src/runtime/writer/journal/freeze-journal.ts";
import { runWriter } from "../../../../src/runtime/writer/run-writer.ts";
import type { WriterManifest } from "../../../../src/runtime/writer/writer-parts.ts";
import { createFakeBinding } from "../../../helpers/fakes/fake-binding.ts";
import { WRITER_ID } from "../../../helpers/manifest.ts";
import { useProgramData } from "../../../helpers/program-data.ts";
import { serviceManifest } from "../../../helpers/service-manifest.ts";

useProgramData();

/** Windows and VSS, as far as a writer's service sees them. */
class Machine {
  readonly log: string[] = [];
  /** What it has told the Windows event log. */
  readonly reported: string[] = [];
  manifest: WriterManifest = serviceManifest();
  readonly #changes = new EventTarget();
  service: ServiceHostOptions | undefined;
  vss: NativeWriterOptions | undefined;
  readonly guardians: Promise<number>[] = [];
  /** What the guardians read. */
  readonly leashes: PassThrough[] = [];
  #ids = 0;
  readonly api: NativeBinding = {
    ...createFakeBinding({
      createProtectedFolder: (path) => void mkdirSync(path, { recursive: true }),
      reportEvent: (...[, , , strings]) => void this.reported.push(strings.join(" ")),
    }),
    runService: async (options) => {
      this.service = options;
      const host: ServiceHost = {
        ready: () => this.note("RUNNING"),
        stopped: async (exitCode) => this.note(`STOPPED ${exitCode}`),
      };
      return host;
    },
    installService: async () => {},
    deleteService: async () => false,
    createWriter: async (options) => {
      this.vss = options;
      this.note("subscribe");
      return {
        complete: (id, failure) => {
          this.note(`${id}: ${failure?.message ?? "ok"}`);
          return true;
        },
        unsubscribe: async () => this.note("unsubscribe"),
      };
    },
  };

  note(text: string): void {
    this.log.push(text);
    this.#changes.dispatchEvent(new Event("change"));
  }

  async until(text: string): Promise<void> {
    while (!this.log.some((line) => line.includes(text))) await once(this.#changes, "change");
  }

  /** Sends an event, and waits for its end. */
  async send(event: WriterEventName): Promise<void> {
    this.#ids += 1;
    const id = this.#ids;
    this.vss?.onEvent({
      kind: "request",
      id,
      request: {
        event,
        backupType: "full",
        components: null,
        snapshotSetId: "{S}",
        volumes: [],
      },
    });
    await this.until(`${id}: `);
  }

  /** Runs the guardian in this process. */
  startGuardian(handlers: WriterHandlers): StartGuardian {
    return (listener) => {
      const input = new PassThrough();
      this.leashes.push(input);
      const output = new PassThrough().setEncoding("utf8");
      output.on("data", (text: string) => {
        for (const line of text.split("\n")) {
          const report = parseReport(line);
          if (report !== undefined) listener.onReport(report);
        }
      });
      const { api, manifest } = this;
      const options = { api, manifest, moduleUrl: import.meta.url };
      const ended = guardWriter({
        ...options,
        load: async () => handlers,
        streams: { input, output },
      });
      this.guardians.push(ended);
      void ended.then((code) => listener.onExit(`it ended with code ${code}`));
      return {
        send: (order) => void input.write(formatMessage(order)),
        close: () => void input.end(),
      };
    };
  }
}

let machine: Machine;
const others = process.listeners("uncaughtException");

beforeEach(() => {
  machine = new Machine();
});

afterEach(() => {
  vi.restoreAllMocks();
  // A service keeps these for its life.
  for (const listener of process.listeners("uncaughtException")) {
    if (!others.includes(listener)) process.off("uncaughtException", listener);
  }
});

function noting(): WriterHandlers {
  return {
    freeze: () => machine.note("freeze"),
    thaw: ({ reason }) => machine.note(`thaw ${reason}`),
  };
}

function run(
  handlers: WriterHandlers,
  load: () => Promise<WriterHandlers> = async () => handlers,
): Promise<number> {
  return runWriter({
    api: machine.api,
    manifest: machine.manifest,
    name: "ContosoLedgerWriter",
    load,
    moduleUrl: import.meta.url,
    startGuardian: machine.startGuardian(handlers),
  });
}

describe("the service of a writer", () => {
  it("serves a backup with a guardian, from its start to its stop", async () => {
    const ended = run(noting());
    await machine.until("RUNNING");
    expect(machine.service).toMatchObject({
      name: "ContosoLedgerWriter",
      // With its thaw.
      startLimitMs: 70_000,
      stopLimitMs: 30_000,
    });
    expect(machine.vss).toMatchObject({ id: WRITER_ID, limitsMs: { freeze: 12_000 } });
    for (const event of BACKUP_EVENTS) await machine.send(event);
    machine.service?.onStop("stop");
    expect(await ended).toBe(0);
    expect(machine.log).toEqual([
      // The first start finds no journal.
      "thaw start",
      "subscribe",
      "RUNNING",
      "1: ok",
      "2: ok",
      "freeze",
      "3: ok",
      "thaw thaw",
      "4: ok",
      "5: ok",
      "6: ok",
      "7: ok",
      "unsubscribe",
      "STOPPED 0",
    ]);
    expect(await Promise.all(machine.guardians)).toEqual([0]);
  });

  it("fails the freeze, thaws and leaves VSS when it is stopped, in this order", async () => {
    const handlers: WriterHandlers = {
      ...noting(),
      freeze: () => {
        machine.note("freeze");
        return new Promise(() => {});
      },
    };
    const ended = run(handlers);
    await machine.until("RUNNING");
    await machine.send("prepareSnapshot");
    void machine.send("freeze");
    await machine.until("freeze");
    machine.service?.onStop("preshutdown");
    expect(await ended).toBe(0);
    const end = machine.log.slice(machine.log.indexOf("freeze") + 1);
    expect(end).toHaveLength(4);
    expect(end).toContain("thaw stop");
    expect(end).toContainEqual(expect.stringMatching(/^2: .*the service stops/u));
    expect(end.slice(-2)).toEqual(["unsubscribe", "STOPPED 0"]);
  });

  it("thaws at its start what a dead service has left frozen, and its guardian does too", async () => {
    void run(noting());
    await machine.until("RUNNING");
    await machine.send("prepareSnapshot");
    await machine.send("freeze");
    expect(existsSync(freezeJournalPath(WRITER_ID))).toBe(true);
    const dead = machine;
    machine = new Machine();
    const ended = run(noting());
    await machine.until("RUNNING");
    expect(machine.log).toEqual(["thaw start", "subscribe", "RUNNING"]);
    machine.service?.onStop("stop");
    await ended;
    dead.service?.onStop("stop");
  });

  it.each([
    ["in a freeze", ["prepareSnapshot", "freeze"], true],
    ["before it", ["prepareSnapshot"], false],
  ] as const)("has a guardian that hears its end %s", async (_, events, thaws) => {
    const ended = run(noting());
    await machine.until("RUNNING");
    for (const event of events) await machine.send(event);
    // No order of the freeze has come yet.
    machine.leashes[0]?.end();
    expect(await Promise.all(machine.guardians)).toEqual([0]);
    expect(machine.log.includes("thaw serviceEnded")).toBe(thaws);
    machine.service?.onStop("stop");
    await ended;
  });

  it("stops also when Windows wants it before it has started", async () => {
    const handlers = noting();
    const ended = run(handlers, async () => {
      machine.service?.onStop("stop");
      return handlers;
    });
    expect(await ended).toBe(0);
    expect(machine.log.slice(-2)).toEqual(["unsubscribe", "STOPPED 0"]);
  });

  it("writes what it has kept in memory before it ends", async () => {
    // VSS holds the volumes also when there is nothing to freeze.
    const ended = run({ thaw: () => {} });
    await machine.until("RUNNING");
    await machine.send("freeze");
    const before = readFileSync(eventFile(WRITER_ID), "utf8");
    expect(before).not.toContain("writerAnswered");
    machine.service?.onStop("stop");
    await ended;
    expect(readFileSync(eventFile(WRITER_ID), "utf8")).toContain("writerAnswered");
  });

  it.each([
    ["leave", true],
    ["fail", false],
  ] as const)("whose freezes fail leaves if it may: %s", async (onFailedFreezes, leaves) => {
    machine.manifest = serviceManifest({}, { onFailedFreezes });
    const ended = run({
      freeze: () => {
        throw new Error("The ledger is locked.");
      },
      thaw: () => {},
    });
    await machine.until("RUNNING");
    for (let backup = 0; backup < 3; backup += 1) {
      for (const event of ["prepareSnapshot", "freeze", "backupShutdown"] as const) {
        await machine.send(event);
      }
    }
    // It leaves when VSS has its answer.
    await setImmediate();
    expect(machine.log.includes("unsubscribe")).toBe(leaves);
    machine.service?.onStop("stop");
    await ended;
  });

  it("can be ended when it has stopped, and not before", async () => {
    vi.spyOn(process, "exit").mockImplementation(() => {
      throw new Error("The process has ended.");
    });
    const ended = run(noting());
    await machine.until("RUNNING");
    expect(() => process.exit(0)).toThrow("A handler called process.exit(0)");
    machine.service?.onStop("stop");
    await ended;
    expect(() => process.exit(0)).toThrow("The process has ended.");
  });

  it("does nothing when it was not started as a service", async () => {
    machine.api.runService = () => Promise.reject(new Error("1063"));
    await expect(run(noting())).rejects.toThrow("1063");
    expect(machine.log).toEqual([]);
  });

  it("reports a failure when its handlers cannot be loaded", async () => {
    const ended = run(noting(), () => Promise.reject(new Error("Syntax error.")));
    expect(await ended).toBe(1);
    expect(machine.log).toEqual(["STOPPED 1"]);
    expect(machine.reported).toEqual([
      expect.stringContaining("The writer's service ended: Syntax error."),
    ]);
  });

  it("reports a failure when VSS refuses the writer", async () => {
    machine.api.createWriter = () => Promise.reject(new Error("Access is denied."));
    expect(await run(noting())).toBe(1);
    expect(machine.log.at(-1)).toBe("STOPPED 1");
  });
});
