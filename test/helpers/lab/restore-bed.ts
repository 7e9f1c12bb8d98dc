import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { HRESULT } from "../../../src/base/hresult.ts";
import type { EventLine, EventName } from "../../../src/runtime/events/definitions.ts";
import { parseLine } from "../../../src/runtime/events/line.ts";
import type { ServiceState } from "../../../src/runtime/native/binding.ts";
import { killProcesses, processesWith } from "../../../src/tools/lab/processes.ts";
import { forgetDeadServers } from "./forget-dead-servers.ts";
import type { CallResult, RemoteAddin } from "../../../src/runtime/native/binding.ts";
import { readLog } from "../../../src/base/durable-log/read-log.ts";
import { SessionFold, type Session } from "../../../src/runtime/restore/journal/session.ts";
import { readStep } from "../../../src/runtime/restore/journal/step.ts";
import { startAgent, type Agent } from "./agent.ts";
import { runCli, runCliInAgent, type CliResult } from "../cli.ts";
import { installService, type TestService } from "./service.ts";
import { buildAddin, dataFolder, type TestAddin, type TestLab } from "./test-lab.ts";
import { until } from "../until.ts";

/** A call of a restore. */
export interface RestoreStep {
  readonly method: "preRestore" | "postRestore";
  readonly component: string;
}

export const PREPARE_A: RestoreStep = { method: "preRestore", component: "a" };
export const PREPARE_B: RestoreStep = { method: "preRestore", component: "b" };
export const FINISH_A: RestoreStep = { method: "postRestore", component: "a" };
export const FINISH_B: RestoreStep = { method: "postRestore", component: "b" };

/** The calls of Windows Server Backup for a restore of two components. */
export const RESTORE: readonly RestoreStep[] = [PREPARE_A, PREPARE_B, FINISH_A, FINISH_B];

/** States and start types of two automatic services during a restore. */
export const HELD: readonly unknown[] = [
  ["STOPPED", "STOPPED"],
  ["manual", "manual"],
];
/** The same before and after it. */
export const STARTED: readonly unknown[] = [
  ["RUNNING", "RUNNING"],
  ["automatic", "automatic"],
];

/** A process that calls the add-in, and its object. */
export interface RestoreClient {
  readonly agent: Agent;
  addin: RemoteAddin;
}

/** Two real services, one depending on the other, and an add-in that is killed on demand. */
export class RestoreBed {
  readonly testLab: TestLab;
  /** A process that queries the services and never calls the add-in. */
  readonly observer: Agent;
  readonly services: readonly TestService[];
  readonly addin: TestAddin;

  private constructor(
    testLab: TestLab,
    observer: Agent,
    services: readonly TestService[],
    addin: TestAddin,
  ) {
    this.testLab = testLab;
    this.observer = observer;
    this.services = services;
    this.addin = addin;
  }

  static async make(
    testLab: TestLab,
    fixture: string,
    settings: Readonly<Record<string, unknown>> = {},
  ): Promise<RestoreBed> {
    const observer = await startAgent(testLab.lab);
    const services = [
      await installService(testLab, observer, "BedStore"),
      await installService(testLab, observer, "BedLedger", ["--depends", "BedStore"]),
    ];
    for (const service of services) await service.start();
    const addin = await buildAddin(testLab, fixture, {
      services: ["BedStore"],
      lingerMs: 300,
      ...settings,
    });
    await observer.register(addin.manifestFile, addin.serverScript);
    return new RestoreBed(testLab, observer, services, addin);
  }

  async remove(): Promise<void> {
    await this.observer.unregister(this.addin.writerId);
    await killProcesses(this.#processes(this.addin.serverScript));
    for (const service of this.services.toReversed()) await service.uninstall();
    await this.observer.end();
  }

  async startClient(): Promise<RestoreClient> {
    const agent = await startAgent(this.testLab.lab);
    return { agent, addin: await this.activate(agent) };
  }

  /** Connects a client to a new server after its server was killed. */
  async reconnect(client: RestoreClient): Promise<void> {
    await this.forgetServers();
    client.addin = await this.activate(client.agent);
  }

  /** Resets the lab's COM after servers were killed. */
  forgetServers(): Promise<void> {
    return forgetDeadServers(this.testLab.lab);
  }

  /** Activates a new object of the add-in. */
  async activate(agent: Agent): Promise<RemoteAddin> {
    const { value } = await agent.binding.activate(this.addin.clsid);
    if (value === undefined) throw new Error("cannot activate");
    return value;
  }

  call({ addin }: RestoreClient, { method, component }: RestoreStep): Promise<CallResult> {
    return addin[method]({
      writerMetadata: null,
      componentName: component,
      logicalPath: null,
      noRollForward: false,
    });
  }

  /** Makes calls one after the other, which all must succeed. */
  async callAll(client: RestoreClient, ...steps: readonly RestoreStep[]): Promise<void> {
    for (const step of steps) {
      const { hresult, description } = await this.call(client, step);
      if (hresult === HRESULT.S_OK) continue;
      throw new Error(`${step.method} ${step.component}: ${String(description)}`);
    }
  }

  /** Runs a command about the add-in, with its JSON document as output. */
  cli(...args: readonly string[]): Promise<CliResult> {
    return runCliInAgent(this.testLab, this.observer, this.addin.folder, [...args, "--json"]);
  }

  /** Returns the events with this name so far, of all processes of the add-in. */
  events<Name extends EventName>(name: Name): readonly Extract<EventLine, { event: Name }>[] {
    const file = join(this.dataFolder, "addin.jsonl");
    const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
    const isWanted = (line: EventLine | undefined): line is Extract<EventLine, { event: Name }> =>
      line?.event === name;
    return lines.map(parseLine).filter(isWanted);
  }

  /** Returns the states of {@link services}, in their order. */
  states(): Promise<readonly (ServiceState | undefined)[]> {
    return Promise.all(this.services.map((service) => service.state()));
  }

  /** Makes Windows start {@link services} with the machine. */
  async makeAutomatic(): Promise<void> {
    const { binding } = this.observer;
    for (const { name } of this.services) {
      await binding.setServiceStartType(name, "automatic", false);
    }
  }

  /** Returns the states and the start types of {@link services}; see {@link HELD}. */
  async statesAndStartTypes(): Promise<readonly unknown[]> {
    const { binding } = this.observer;
    const all = await Promise.all(this.services.map(({ name }) => binding.describeService(name)));
    return [all.map((service) => service?.state), all.map((service) => service?.startType)];
  }

  /** Makes the next server die right after its `nth` change of the journal. */
  killAt(nth: number): void {
    writeFileSync(join(this.addin.folder, "dist", "kill-at"), String(nth));
  }

  /** Tells whether the server of {@link killAt} has not died yet. */
  get isKillPending(): boolean {
    return existsSync(join(this.addin.folder, "dist", "kill-at"));
  }

  /** Takes the steps that servers have written, in JSON. */
  takeChanges(): readonly string[] {
    const file = join(this.addin.folder, "dist", "changes.jsonl");
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, "utf8").trim().split("\n");
    rmSync(file);
    return lines.map((line) => String(Object(JSON.parse(line)).change));
  }

  /** Returns the add-in's folder below ProgramData. */
  get dataFolder(): string {
    return dataFolder(this.testLab, this.addin);
  }

  get journalFile(): string {
    return join(this.dataFolder, "session.log");
  }

  /** What the journal says of the session that is open; `undefined` when none is. */
  get session(): Session | undefined {
    const records = readLog(this.journalFile)?.records ?? [];
    const session = SessionFold.of(records.map(readStep).filter((step) => step !== undefined));
    return session?.isEnded === true ? undefined : session;
  }

  get dataFiles(): readonly string[] {
    return existsSync(this.dataFolder) ? readdirSync(this.dataFolder) : [];
  }

  #processes(argument: string): ReturnType<typeof processesWith> {
    const { lab } = this.testLab;
    if (lab.kind !== "wine") return [];
    return processesWith("WINEPREFIX", lab.prefix).filter(({ commandLine }) =>
      commandLine.includes(argument),
    );
  }

  /** Kills the server and then the guardian, so that the server cannot start it again. */
  async killServerAndGuardian(): Promise<void> {
    await this.killServers();
    await this.killGuardian();
  }

  async killServers(): Promise<void> {
    const all = this.#processes(this.addin.serverScript);
    await killProcesses(all.filter(({ commandLine }) => !commandLine.includes("--guardian")));
  }

  async killGuardian(): Promise<void> {
    const all = this.#processes(this.addin.serverScript);
    await killProcesses(all.filter(({ commandLine }) => commandLine.includes("--guardian")));
  }

  get guardians(): number {
    return this.processCount - this.servers.length;
  }

  /** Returns the ids outside of the lab of the processes that serve the add-in's class. */
  get servers(): readonly number[] {
    return this.#processes(this.addin.serverScript)
      .filter(({ commandLine }) => !commandLine.includes("--guardian"))
      .map(({ pid }) => pid);
  }

  /** Returns the servers and guardians of the add-in. */
  get processCount(): number {
    return this.#processes(this.addin.serverScript).length;
  }

  /** Waits until no guardian runs. */
  async untilNoGuardian(): Promise<void> {
    await until("the end of the guardian", () => (this.guardians === 0 ? true : undefined));
  }

  /** Waits until the journal says that nobody will finish what was prepared. */
  async untilAbandoned(limitMs: number): Promise<void> {
    await until(
      "the journal's phase is abandoned",
      () => {
        return this.session?.phase === "abandoned" || undefined;
      },
      limitMs,
    );
  }

  /** Ends an abandoned restore as a person who has decided does: its services start. */
  async decideToStart(): Promise<void> {
    const args = ["recover", "--start", "--json"];
    const { code, stdout } = await runCli(this.testLab.labFolder, this.addin.folder, args);
    if (code !== 0) throw new Error(stdout);
  }

  /** Waits until every service runs and the journal is closed. */
  async untilRestored(limitMs: number): Promise<void> {
    await until(
      "services running and the journal closed",
      async () => {
        if (this.session !== undefined) return undefined;
        for (const service of this.services) {
          if ((await service.state()) !== "RUNNING") return undefined;
        }
        return true;
      },
      limitMs,
    );
  }

  /**
   * Runs the calls of a restore; a client that loses its server repeats the call with a new one.
   *
   * @returns The repeated calls.
   */
  async restore(client: RestoreClient): Promise<number> {
    let again = 0;
    for (const step of RESTORE) {
      let { hresult } = await this.call(client, step);
      if (hresult !== HRESULT.S_OK && !this.isKillPending) {
        again += 1;
        await this.reconnect(client);
        ({ hresult } = await this.call(client, step));
      }
      if (hresult !== HRESULT.S_OK) {
        throw new Error(`${step.method} ${step.component}: 0x${hresult.toString(16)}`);
      }
    }
    return again;
  }
}
