import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";

import { expect } from "vitest";

import { createGuid } from "../../../src/base/guid.ts";
import { toWindowsPath } from "../../../src/tools/lab/paths.ts";
import { runInLab } from "../../../src/tools/lab/run.ts";
import type { NativeWriterPlan, WriterEventName } from "../../../src/runtime/native/vss-writer.ts";
import { labProgram } from "./lab-programs.ts";
import type { RawWriterOptions, WriterCommand, WriterSettings } from "./raw-writer.ts";
import type { TestLab } from "./test-lab.ts";

type Report = { readonly kind: string } & Readonly<Record<string, unknown>>;

/** A connected raw-writer.ts. */
export interface WriterProcess {
  say(command: WriterCommand): void;
  /** Waits for the next report, which must be of this kind. */
  next(kind: string): Promise<Report>;
  /** Waits for the next report, a request for this event, and returns its id. */
  request(event: WriterEventName): Promise<number>;
  /** Resolves when the process has gone, with the reports that nobody asked for. */
  gone(): Promise<readonly Report[]>;
}

export const PLAN: NativeWriterPlan = {
  components: [
    {
      name: "Ledger",
      logicalPath: null,
      caption: "Ledger & <friends>",
      selectable: true,
      selectableForRestore: true,
      files: [
        { path: "C:\\Ledger", filespec: "*", recursive: true, alternatePath: null },
        {
          path: "C:\\Ledger\\live",
          filespec: "*.dat",
          recursive: false,
          alternatePath: "D:\\Ledger copy",
        },
      ],
      databaseFiles: [],
      logFiles: [],
      dependencies: [
        {
          writerId: "{5D9C9C6A-9D7E-4F6F-9C39-6C1E0B3A7A11}",
          logicalPath: "Store\\Deep",
          name: "Rows",
        },
      ],
    },
    {
      name: "Books",
      logicalPath: "Ledger\\Archive",
      caption: null,
      selectable: false,
      selectableForRestore: false,
      files: [],
      databaseFiles: [
        { path: "C:\\Books", filespec: "*.db", recursive: false, alternatePath: null },
      ],
      logFiles: [{ path: "C:\\Books", filespec: "*.log", recursive: false, alternatePath: null }],
      dependencies: [],
    },
  ],
  exclude: [{ path: "C:\\Ledger\\tmp", filespec: "*.tmp", recursive: true, alternatePath: null }],
  restoreMethod: 2,
  restoreService: null,
  backupSchema: 0x10,
};

// Only a failing test waits that long.
const LONG_MS = 60_000;

/** Returns a writer's settings: limits that do not matter, and the named ones. */
export function writerSettings(
  limitsMs: Partial<Record<WriterEventName, number>> = {},
  more: Partial<WriterSettings> = {},
): WriterSettings {
  return {
    id: createGuid(),
    name: "Contoso Ledger",
    plan: PLAN,
    freezeTimeoutMs: 60_000,
    limitsMs: {
      prepareBackup: LONG_MS,
      prepareSnapshot: LONG_MS,
      freeze: LONG_MS,
      thaw: LONG_MS,
      postSnapshot: LONG_MS,
      abort: LONG_MS,
      backupComplete: LONG_MS,
      backupShutdown: LONG_MS,
      ...limitsMs,
    },
    ...more,
  };
}

function makeProcess(socket: Socket): WriterProcess {
  const reports: Report[] = [];
  let wake: (() => void) | undefined;
  let isGone = false;
  createInterface({ input: socket }).on("line", (line) => {
    reports.push(JSON.parse(line) as Report);
    wake?.();
  });
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => {
      isGone = true;
      wake?.();
      resolve();
    });
  });
  // A killed process resets its connection.
  socket.on("error", () => {});
  const take = async (): Promise<Report> => {
    for (;;) {
      const report = reports.shift();
      if (report !== undefined) return report;
      if (isGone) throw new Error("the writer's process has gone");
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const next = async (kind: string): Promise<Report> => {
    const report = await take();
    expect(report).toMatchObject({ kind });
    return report;
  };
  return {
    say: (command) => void socket.write(`${JSON.stringify(command)}\n`),
    next,
    async request(event) {
      const report = await next("request");
      expect(report["request"]).toMatchObject({ event });
      return Number(report["id"]);
    },
    async gone() {
      await closed;
      return reports;
    },
  };
}

/** Where writers' processes of a test file connect. */
export class WriterBed {
  readonly #server: Server;
  readonly #testLab: TestLab;
  readonly #sockets: Socket[] = [];
  #ended: Promise<unknown> = Promise.resolve();

  private constructor(testLab: TestLab, server: Server) {
    this.#testLab = testLab;
    this.#server = server;
  }

  static async open(testLab: TestLab): Promise<WriterBed> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new WriterBed(testLab, server);
  }

  /** Returns the arguments of node.exe for a writer. */
  arguments(service?: RawWriterOptions["service"]): readonly string[] {
    const { port } = this.#server.address() as AddressInfo;
    const options: RawWriterOptions = { port, ...(service === undefined ? {} : { service }) };
    return [toWindowsPath(this.#testLab.lab, labProgram("raw-writer")), JSON.stringify(options)];
  }

  /** Waits for the next process that connects. */
  async connection(): Promise<WriterProcess> {
    const [socket] = (await once(this.#server, "connection")) as [Socket];
    socket.setNoDelay();
    this.#sockets.push(socket);
    return makeProcess(socket);
  }

  /** Starts a writer that is not a service; `ended` resolves with its exit code. */
  async start(
    service?: RawWriterOptions["service"],
  ): Promise<WriterProcess & { readonly ended: Promise<number> }> {
    const connected = this.connection();
    const { lab } = this.#testLab;
    const ended = runInLab(lab, lab.nodeExe, this.arguments(service));
    this.#ended = Promise.all([this.#ended, ended]);
    return { ...(await connected), ended };
  }

  /** Starts a writer that is not a service, and subscribes it. */
  async subscribe(
    settings: WriterSettings,
  ): Promise<WriterProcess & { readonly ended: Promise<number> }> {
    const writer = await this.start();
    await writer.next("started");
    writer.say({ say: "create", settings });
    await writer.next("subscribed");
    return writer;
  }

  /** Ends the writers that are no service. */
  async close(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await this.#ended;
  }
}
