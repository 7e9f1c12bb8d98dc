import { once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import { PassThrough } from "node:stream";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { BACKUP_EVENTS } from "../../../../src/base/handler-name.ts";
import { parseManifest } from "../../../../src/runtime/manifest/parse.ts";
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
import { requireServiceWriter } from "../../../../src/runtime/writer/writer-parts.ts";
import { createFakeBinding } from "../../../helpers/fakes/fake-binding.ts";
import { WRITER_ID, minimalFields } from "../../../helpers/manifest.ts";
import { useProgramData } from "../../../helpers/program-data.ts";

useProgramData();

const manifest = requireServiceWriter(
  parseManifest(
    JSON.stringify({
      ...minimalFields,
      writer: {
        kind: "service",
        components: [
          { name: "Ledger", files: [{ path: "C:\\L", filespec: "*", recursive: false }] },
        ],
      },
    }),
    "wsb-addin.json",
  ),
  "wsb-addin.json",
);

/** Windows and VSS, as far as a writer's service sees them. */
class Machine {
  readonly log: string[] = [];
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
      const options = { api: this.api, manifest, moduleUrl: import.meta.url };
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

function run(handlers: WriterHandlers): Promise<number> {
  return runWriter({
    api: machine.api,
    manifest,
    name: "ContosoLedgerWriter",
    load: async () => handlers,
    moduleUrl: import.meta.url,
    startGuardian: machine.startGuardian(handlers),
  });
}

describe("the service of a writer", () => {
  it("serves a backup with a guardian, from its start to its stop", async () => {
    const ended = run(noting());
    await machine.until("RUNNING");
    expect(machine.service?.name).toBe("ContosoLedgerWriter");
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

  it("does nothing when it was not started as a service", async () => {
    machine.api.runService = () => Promise.reject(new Error("1063"));
    await expect(run(noting())).rejects.toThrow("1063");
    expect(machine.log).toEqual([]);
  });

  it("reports a failure when its handlers cannot be loaded", async () => {
    const ended = await runWriter({
      api: machine.api,
      manifest,
      name: "ContosoLedgerWriter",
      load: () => Promise.reject(new Error("Syntax error.")),
      moduleUrl: import.meta.url,
    });
    expect(ended).toBe(1);
    expect(machine.log).toEqual(["STOPPED 1"]);
  });

  it("reports a failure when VSS refuses the writer", async () => {
    machine.api.createWriter = () => Promise.reject(new Error("Access is denied."));
    expect(await run(noting())).toBe(1);
    expect(machine.log.at(-1)).toBe("STOPPED 1");
  });
});
