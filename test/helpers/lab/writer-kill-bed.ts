/** A built writer, its guardian and a requester, of which a test kills any in any step of a backup. */
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { expect } from "vitest";

import { readLog } from "../../../src/base/durable-log/read-log.ts";
import { createGuid } from "../../../src/base/guid.ts";
import { GUARDIAN_ARGUMENT, SERVICE_ARGUMENT } from "../../../src/runtime/addin/modes.ts";
import { judgeFreeze } from "../../../src/runtime/writer/journal/found.ts";
import { killProcesses, processesWith, type LabProcess } from "../../../src/tools/lab/processes.ts";
import { serviceNameOf } from "../../../src/tools/registration/writer-service.ts";
import { runCliInAgent } from "../cli.ts";
import { until } from "../until.ts";
import { startAgent, type Agent } from "./agent.ts";
import { EVENTS } from "./backup-events.ts";
import { startDeadService } from "./keeper.ts";
import { SET_ID, startRequester, type EventAnswer, type Requester } from "./requester.ts";
import { dataFolder, makeTestLab, type TestLab } from "./test-lab.ts";
import { buildWriterProject, type WriterProject } from "./writer-project.ts";

/** The longest time for which an application stays frozen after a death. */
export const THAW_LIMIT_MS = 10_000;

export type Victim = "service" | "guardian" | "requester" | "service and guardian";

/** When somebody dies. */
export type Moment =
  | {
      /** An event, or `copy`: the time between freeze and thaw in which VSS makes the shadow copy. */
      readonly step: string;
      /** How much of the step has passed, from 0 to 1. */
      readonly part: number;
    }
  | {
      readonly step: "freeze" | "thaw";
      /** The application has begun, and ends only after the death. */
      readonly part: "in the application";
    };

/** What a kill led to. */
export interface Kill {
  /** Whether the application was frozen, in part or whole, when its victim died. */
  readonly wasFrozen: boolean;
  /**
   * The milliseconds from the death to the thaw; of service and guardian together, from the service's
   * next start. 0 when nothing was frozen after the death.
   */
  readonly thawedAfterMs: number;
  /** Why the application was thawed. */
  readonly reason: string | undefined;
}

/** A time for which the application was frozen, in milliseconds of the clock. */
interface Frozen {
  readonly fromMs: number;
  untilMs: number;
  reason: string | undefined;
}

interface Step {
  readonly name: string;
  readonly play: (requester: Requester) => Promise<EventAnswer | undefined>;
}

/** What the command line of a victim has, besides the writer's script. */
const ARGUMENTS: Readonly<Record<Exclude<Victim, "requester">, string>> = {
  service: SERVICE_ARGUMENT,
  guardian: GUARDIAN_ARGUMENT,
  "service and guardian": "",
};

const SUCCESS = { outcome: "done", hresult: 0 };

const COPY_MS = 150;

// Long enough for a death within.
const FREEZE_MS = 60;
const THAW_MS = 30;

/** Its application is a file: what it does, when, and why. It does not go on while another file is there. */
const source = (folder: string): string => `import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { defineWriter } from "wsb-addin";

const folder = ${JSON.stringify(folder)};

function note(what: string, why = ""): void {
  appendFileSync(join(folder, "application.txt"), what + " " + Date.now() + " " + why + "\\n");
}

async function goOn(pauseMs: number): Promise<void> {
  await delay(pauseMs);
  while (existsSync(join(folder, "hold"))) await delay(5);
}

export default defineWriter({
  async freeze() {
    note("freezing");
    await goOn(${FREEZE_MS});
    note("frozen");
  },
  async thaw({ reason }) {
    note("thawing", reason);
    // Only the backup's own thaw can be held up.
    if (reason === "thaw") await goOn(${THAW_MS});
    note("thawed", reason);
  },
});
`;

/** Returns the steps of a backup; each backup has a shadow copy set of its own. */
function stepsOfBackup(): readonly Step[] {
  const setId = createGuid();
  return EVENTS.flatMap(([name, ...args]) => {
    const command = args.map((arg) => (arg === SET_ID ? setId : arg));
    const step: Step = { name, play: (requester) => requester.event(name, ...command) };
    const copy: Step = { name: "copy", play: () => delay(COPY_MS, undefined) };
    return name === "freeze" ? [step, copy] : [step];
  });
}

/** The steps of a backup in which somebody can die. */
export const STEPS: readonly string[] = stepsOfBackup()
  .map(({ name }) => name)
  .filter((name) => name !== "backupShutdown");

/** Reads when the application was frozen: from the first trace of a freeze to the end of a thaw. */
function readFrozen(text: string): readonly Frozen[] {
  const times: Frozen[] = [];
  for (const line of text.trim().split("\n")) {
    const [what, time, reason] = line.split(" ");
    const last = times.at(-1);
    const open = last?.untilMs === Number.POSITIVE_INFINITY ? last : undefined;
    if (what === "thawed" && open !== undefined) {
      open.untilMs = Number(time);
      open.reason = reason;
    }
    if (open === undefined && (what === "freezing" || what === "frozen")) {
      const fromMs = Number(time);
      times.push({ fromMs, untilMs: Number.POSITIVE_INFINITY, reason: undefined });
    }
  }
  return times;
}

/**
 * Tells whether a process of node.exe has begun. Wine never begins one whose creator was killed while
 * it created it: the process waits in Wine's loader, and has run nothing.
 */
function hasBegun({ pid }: LabProcess): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).length > 1;
  } catch {
    return false;
  }
}

export class WriterKillBed {
  readonly testLab: TestLab;
  readonly name: string;
  readonly #writerId: string;
  readonly #project: WriterProject;
  readonly #file: string;
  #agent: Agent;
  /** How long each step of an undisturbed backup takes. */
  #lengthsMs: ReadonlyMap<string, number> = new Map();

  private constructor(
    testLab: TestLab,
    agent: Agent,
    { writerId, project, file }: { writerId: string; project: WriterProject; file: string },
  ) {
    this.testLab = testLab;
    this.#agent = agent;
    this.#writerId = writerId;
    this.name = serviceNameOf(writerId);
    this.#project = project;
    this.#file = file;
  }

  /** Builds and registers the writer, in a lab of its own, and measures a backup. */
  static async make(): Promise<WriterKillBed> {
    const testLab = makeTestLab();
    const writerId = createGuid();
    const ledger = mkdtempSync(join(testLab.folder, "ledger-"));
    const [agent, project] = await Promise.all([
      startAgent(testLab.lab),
      buildWriterProject(testLab, { writerId, ledger, source }),
    ]);
    const file = join(ledger, "application.txt");
    const bed = new WriterKillBed(testLab, agent, { writerId, project, file });
    await bed.#command("register");
    bed.#lengthsMs = await bed.backUp();
    return bed;
  }

  get agent(): Agent {
    return this.#agent;
  }

  /** Removes the writer, and with it the lab. */
  async remove(): Promise<void> {
    await this.#agent.end();
    await this.testLab.remove();
  }

  /** Makes a backup, which must succeed, and returns how long each step took. */
  async backUp(): Promise<ReadonlyMap<string, number>> {
    const requester = await startRequester(this.testLab.lab, this.#writerId);
    const lengths = new Map<string, number>();
    try {
      for (const { name, play } of stepsOfBackup()) {
        const beganMs = performance.now();
        const answer = await this.#untilTaken(() => play(requester));
        if (answer !== undefined) expect(answer, name).toMatchObject(SUCCESS);
        lengths.set(name, performance.now() - beganMs);
      }
    } finally {
      await requester.end();
    }
    expect(this.#frozen.at(-1)).toMatchObject({ reason: "thaw" });
    return lengths;
  }

  /** Begins a backup, and ends in its copy: the application is frozen. */
  async freeze(): Promise<void> {
    const requester = await startRequester(this.testLab.lab, this.#writerId);
    for (const { name, play } of stepsOfBackup()) {
      if (name === "copy") return;
      expect(await play(requester)).toMatchObject(SUCCESS);
    }
  }

  /** Whether the application is frozen now. */
  get isFrozen(): boolean {
    return this.#frozen.at(-1)?.untilMs === Number.POSITIVE_INFINITY;
  }

  /** The processes of the writer's service. */
  get services(): readonly LabProcess[] {
    return this.#processes(SERVICE_ARGUMENT);
  }

  /**
   * Begins a backup and kills somebody in it, waits for the thaw, and makes sure that the next backup
   * succeeds and that nothing is left over.
   *
   * @param isKept Whether a dead service is started again at once, and not only after the thaw.
   */
  async kill(victim: Victim, moment: Moment, isKept: boolean): Promise<Kill> {
    const before = this.services;
    const requester = await startRequester(this.testLab.lab, this.#writerId);
    const diedAtMs = await this.#playUntilDeath(requester, victim, moment);
    const wasFrozen = this.#frozen.some(
      ({ fromMs, untilMs }) => fromMs <= diedAtMs && diedAtMs < untilMs,
    );
    const owedFromMs = victim === "service and guardian" ? Date.now() : diedAtMs;
    if (isKept || victim === "service and guardian") await this.#startService();
    await until("the thaw", () => !this.isFrozen || undefined, 2 * THAW_LIMIT_MS);
    await this.#startService();
    if (victim !== "requester") await requester.end();
    await this.expectNothingLeft();
    if (!victim.includes("service")) await this.#expectServices(before);
    await this.backUp();
    await this.expectNothingLeft();
    // The last time is that of the backup which succeeded.
    const owed = this.#frozen.slice(0, -1).filter(({ untilMs }) => untilMs >= diedAtMs);
    const times = owed.map(({ fromMs, untilMs }) => untilMs - Math.max(owedFromMs, fromMs));
    return { wasFrozen, thawedAfterMs: Math.max(0, ...times), reason: owed[0]?.reason };
  }

  /** A process that the service starts looks like the service itself for a moment. */
  async #expectServices(processes: readonly LabProcess[]): Promise<void> {
    await expect.poll(() => this.services, { timeout: 5000 }).toEqual(processes);
  }

  /** Expects one process, that of the service, and a journal in which nothing is frozen. */
  async expectNothingLeft(): Promise<void> {
    const others = (): readonly LabProcess[] => [
      ...this.#processes(GUARDIAN_ARGUMENT).filter(hasBegun),
      ...this.#labProcesses.filter(({ commandLine }) => commandLine.includes("vss-requester")),
    ];
    try {
      await until("guardians and requesters end", () => others().length === 0 || undefined);
    } catch (error) {
      const left = others().map(({ pid, commandLine }) => `${pid} ${commandLine}`);
      throw new Error(`these processes did not end: ${left.join("; ")}`, { cause: error });
    }
    await expect.poll(() => this.services, { timeout: 5000 }).toHaveLength(1);
    const journal = join(dataFolder(this.testLab, { clsid: this.#writerId }), "freeze.log");
    expect(judgeFreeze(readLog(journal), null).state).toBe("none");
  }

  /**
   * Starts the machine after a power cut, and with it the application: nothing is frozen.
   *
   * @returns What the application has noted until the boot.
   */
  async boot(): Promise<string> {
    appendFileSync(this.#file, `thawed ${Date.now()} boot\n`);
    const notes = this.readNotes();
    this.#agent = await startAgent(this.testLab.lab);
    return notes;
  }

  /** Reads what the application has noted: each freeze and thaw. */
  readNotes(): string {
    return existsSync(this.#file) ? readFileSync(this.#file, "utf8") : "";
  }

  /** Plays a backup, and returns when somebody died in it. */
  async #playUntilDeath(requester: Requester, victim: Victim, moment: Moment): Promise<number> {
    for (const { name, play } of stepsOfBackup()) {
      const isLast = name === moment.step;
      const death = isLast ? this.#killAfter(requester, victim, moment) : undefined;
      const playing = play(requester);
      if (death !== undefined) {
        // Whoever dies answers no more.
        await playing.catch(() => undefined);
        return death;
      }
      const answer = await playing;
      if (answer !== undefined) expect(answer, name).toMatchObject(SUCCESS);
    }
    throw new Error(`no step ${moment.step}`);
  }

  /** Kills in a step that begins now, and returns the time right before. */
  async #killAfter(requester: Requester, victim: Victim, { step, part }: Moment): Promise<number> {
    if (part === "in the application") {
      const hold = join(dirname(this.#file), "hold");
      writeFileSync(hold, "");
      const before = this.readNotes();
      await until(`the application notes ${step}`, () => this.readNotes() !== before || undefined);
      const diedAtMs = await this.#killNow(requester, victim);
      rmSync(hold);
      return diedAtMs;
    }
    await delay((this.#lengthsMs.get(step) ?? 0) * part);
    return this.#killNow(requester, victim);
  }

  async #killNow(requester: Requester, victim: Victim): Promise<number> {
    const processes = victim === "requester" ? [] : this.#processes(ARGUMENTS[victim]);
    const diedAtMs = Date.now();
    // None of them sees another die.
    if (processes.length > 1) for (const { pid } of processes) process.kill(pid, "SIGSTOP");
    await (victim === "requester" ? requester.kill() : killProcesses(processes));
    // The service may have been starting its guardian.
    if (victim === "service and guardian") await killProcesses(this.#processes(""));
    return diedAtMs;
  }

  async #startService(): Promise<void> {
    await startDeadService(this.testLab, this.#agent, this.name, () => this.services);
  }

  /** Repeats an event while VSS still ends the backup of a requester that has died. */
  #untilTaken(play: () => Promise<EventAnswer | undefined>): Promise<EventAnswer | undefined> {
    return until("VSS begins a backup", async () => {
      const answer = await play();
      return answer?.outcome === "refused" ? undefined : { answer };
    }).then(({ answer }) => answer);
  }

  get #frozen(): readonly Frozen[] {
    return readFrozen(this.readNotes());
  }

  get #labProcesses(): readonly LabProcess[] {
    const { lab } = this.testLab;
    return lab.kind === "wine" ? processesWith("WINEPREFIX", lab.prefix) : [];
  }

  #processes(argument: string): readonly LabProcess[] {
    const { script } = this.#project;
    return this.#labProcesses.filter(
      ({ commandLine }) => commandLine.includes(script) && commandLine.includes(argument),
    );
  }

  async #command(...args: readonly string[]): Promise<void> {
    const { code, stderr } = await runCliInAgent(
      this.testLab,
      this.#agent,
      this.#project.folder,
      args,
    );
    expect(code, stderr).toBe(0);
  }
}
