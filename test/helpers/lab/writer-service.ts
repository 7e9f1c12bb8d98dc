import { expect } from "vitest";

import type { ServiceDefinition } from "../../../src/runtime/native/service-host.ts";
import { runInLab } from "../../../src/tools/lab/run.ts";
import type { Agent } from "./agent.ts";
import type { TestLab } from "./test-lab.ts";
import type { WriterBed, WriterProcess } from "./writer-process.ts";

export interface ServiceLimits {
  readonly startLimitMs: number;
  readonly stopLimitMs: number;
}

// Only a failing test waits that long.
const LIMITS: ServiceLimits = { startLimitMs: 60_000, stopLimitMs: 60_000 };

const quoted = (text: string): string => `"${text.replaceAll('"', '\\"')}"`;

/** Returns the definition of a service that runs raw-writer.ts. */
export function serviceDefinition(
  testLab: TestLab,
  bed: WriterBed,
  name: string,
  limits: Partial<ServiceLimits> = {},
): ServiceDefinition {
  const args = bed.arguments({ name, ...LIMITS, ...limits });
  return {
    name,
    displayName: `Writer service ${name}`,
    description: "A writer of the tests",
    commandLine: [testLab.lab.nodeExe, ...args].map(quoted).join(" "),
    account: "LocalSystem",
    dependsOn: [],
    preshutdownMs: 30_000,
    recovery: { restartDelaysMs: [1000, 5000, 60_000], resetAfterSeconds: 86_400 },
  };
}

/** A service in the lab that runs raw-writer.ts. */
export class WriterService {
  readonly name: string;
  readonly #testLab: TestLab;
  readonly #agent: Agent;
  readonly #bed: WriterBed;
  #last: WriterProcess | undefined;

  private constructor(name: string, testLab: TestLab, agent: Agent, bed: WriterBed) {
    this.name = name;
    this.#testLab = testLab;
    this.#agent = agent;
    this.#bed = bed;
  }

  static async install(
    testLab: TestLab,
    agent: Agent,
    bed: WriterBed,
    name: string,
    limits: Partial<ServiceLimits> = {},
  ): Promise<WriterService> {
    await agent.binding.installService(serviceDefinition(testLab, bed, name, limits));
    return new WriterService(name, testLab, agent, bed);
  }

  async state(): Promise<string | undefined> {
    return (await this.#agent.binding.queryService(this.name))?.state;
  }

  /** Asks Windows to start it, and returns its process in START_PENDING. */
  async begin(): Promise<{ readonly writer: WriterProcess; readonly change: Promise<unknown> }> {
    // What a start does to a process that still ends is no business of these tests.
    await this.#last?.gone();
    const connected = this.#bed.connection();
    const change = this.#agent.changeService(this.name, { wanted: "RUNNING" });
    const writer = await Promise.race([
      connected,
      change.then((end): never => {
        throw new Error(`${this.name} did not connect: ${JSON.stringify(end)}`);
      }),
    ]);
    this.#last = writer;
    await writer.next("started");
    return { writer, change };
  }

  /** Starts it. */
  async start(): Promise<WriterProcess> {
    const { writer, change } = await this.begin();
    writer.say({ say: "ready" });
    await writer.next("readied");
    expect(await change).toMatchObject({ outcome: "reached", state: "RUNNING" });
    return writer;
  }

  /** Asks Windows to stop it; resolves at its end. */
  stop(): Promise<{ readonly outcome: string; readonly exitCode: number }> {
    return this.#agent.changeService(this.name, { wanted: "STOPPED" });
  }

  /** Plays a shutdown of Windows, of which Wine tells no service. */
  async playShutdown(kind: "shutdown" | "preshutdown"): Promise<void> {
    const { lab } = this.#testLab;
    expect(await runInLab(lab, lab.service, [kind, this.name])).toBe(0);
  }
}
