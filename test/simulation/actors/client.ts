import {
  startedAtPostRestore,
  stoppedAtPreRestore,
  undisturbedAtPostRestore,
} from "../invariants.ts";
import type { Process } from "../machine/processes.ts";
import { Truth, type CallRecord, type FilesRecord } from "../machine/truth.ts";
import type { ClientPlan, ClientStep } from "../schedule.ts";
import type { World } from "../world.ts";
import { startServer, type Answer, type ServedCall, type Server } from "./server.ts";

/** The servers that run, by add-in; COM starts one when there is none. */
export type Servers = Map<number, Server>;

function serverOf(world: World, servers: Servers, addin: number): Server {
  const running = servers.get(addin);
  if (running !== undefined && running.process.state !== "dead") return running;
  const server = startServer(world, addin);
  servers.set(addin, server);
  return server;
}

/** Runs a client, such as the engine of the backup program, through its steps. */
export async function runClient(world: World, servers: Servers, plan: ClientPlan): Promise<void> {
  const process = world.processes.start("client", plan.addin);
  process.exits.push(() => world.truth.clientEnded(process, world.scheduler.now()));
  const client = new Client(world, servers, plan, process);
  for (const step of plan.steps) {
    await world.scheduler.wait(step.pauseMs);
    await world.up();
    if (process.state !== "runs") return;
    await client.take(step);
  }
  world.processes.end(process, "ends");
}

class Client {
  readonly #world: World;
  readonly #servers: Servers;
  readonly #plan: ClientPlan;
  readonly #process: Process;

  constructor(world: World, servers: Servers, plan: ClientPlan, process: Process) {
    this.#world = world;
    this.#servers = servers;
    this.#plan = plan;
    this.#process = process;
  }

  async take(step: ClientStep): Promise<void> {
    if (step.call === "die") {
      this.#world.processes.end(this.#process, "dies");
    } else if (step.call === "preRestore") {
      await this.#preRestore(step);
    } else if (this.#files(step)?.state === "restoring") {
      await this.#postRestore(step);
    }
  }

  #key({ component }: ClientStep): string {
    return Truth.key(this.#plan.addin, component, this.#plan.isKnown ? this.#process : undefined);
  }

  #files(step: ClientStep): FilesRecord | undefined {
    return this.#world.truth.files.get(this.#key(step));
  }

  async #preRestore(step: ClientStep): Promise<void> {
    const { world, addin } = { world: this.#world, addin: this.#plan.addin };
    // A PreRestore begins anew.
    const before = this.#files(step);
    if (before !== undefined) before.state = "half";
    const { answer, call } = await this.#call("preRestore", step, {});
    if (answer === "failed" && this.#keepsStopped) this.#noteAwaited();
    if (answer !== "S_OK" || call === undefined) return;
    world.check(stoppedAtPreRestore(world, call));
    if (this.#process.state !== "runs") return;
    if (!this.#plan.isKnown) world.truth.unsure.add(addin);
    world.truth.files.set(this.#key(step), {
      addin,
      component: step.component,
      client: this.#process,
      isKnown: this.#plan.isKnown,
      state: "restoring",
      services: world.servicesOf(addin),
      isChosen: world.truth.choosing.has(addin),
      ran: undefined,
    });
  }

  async #postRestore(step: ClientStep): Promise<void> {
    const { truth } = this.#world;
    const files = this.#files(step);
    if (files === undefined) return;
    const { answer } = await this.#call("postRestore", step, {
      onRestored: () => this.#noteRestored(files),
      onFailed: () => {
        files.state = "half";
      },
    });
    if (answer !== "S_OK") {
      if (files.state !== "finishing") files.state = "half";
      return;
    }
    // Meanwhile, an administrator may have decided about files of a damaged session.
    const isDecided = this.#files(step) !== files;
    if (!isDecided) this.#world.check(undisturbedAtPostRestore(this.#world, files));
    truth.restored(files.addin, files.component, files);
    this.#world.check(startedAtPostRestore(this.#world, files.addin));
  }

  /** The files are whole, unless a service ran; that settles those that others have given up. */
  #noteRestored(files: FilesRecord): void {
    files.ran ??= [...files.services].find((name) => isUp(this.#world, name));
    files.state = files.ran === undefined ? "finishing" : "half";
    if (files.ran !== undefined) return;
    for (const other of this.#world.truth.filesOf(files.addin)) {
      // A client that Windows does not tell may count as ended, whatever it does.
      const isGivenUp = other.state === "half" || !other.isKnown;
      if (other.component === files.component && isGivenUp) other.state = "finishing";
    }
  }

  get #keepsStopped(): boolean {
    const plan = this.#world.schedule.addins[this.#plan.addin];
    return plan?.onPreRestoreFailure === "keepStopped";
  }

  /** The kit may wait for this client; for one that Windows does not tell, though it has ended. */
  #noteAwaited(): void {
    const { truth } = this.#world;
    truth.awaited.add(this.#process);
    if (!this.#plan.isKnown) truth.unsure.add(this.#plan.addin);
  }

  async #call(
    method: "preRestore" | "postRestore",
    { component, handler }: ClientStep,
    { onRestored = () => {}, onFailed = () => {} }: Partial<Outcomes>,
  ): Promise<{ readonly answer: Answer; readonly call: CallRecord | undefined }> {
    const { addin, isKnown } = this.#plan;
    const { note, truth } = this.#world;
    const server = serverOf(this.#world, this.#servers, addin);
    note(
      `${this.#process.name} calls ${method} of component ${component} (${server.process.name})`,
    );
    const client = isKnown ? this.#process.identity : null;
    const restoring = {
      component: { componentName: `component ${component}`, logicalPath: null },
      client,
      call: truth.calls.size,
    };
    const before = new Set(truth.calls);
    const called = server.call({ method, restoring, handler, onRestored, onFailed });
    const call = [...truth.calls].find((one) => !before.has(one));
    const answer = await called;
    if (answer === "died") this.#noteAwaited();
    note(`${this.#process.name} gets ${answer} for ${method} of component ${component}`);
    return { answer, call };
  }
}

type Outcomes = Pick<ServedCall, "onRestored" | "onFailed">;

function isUp({ services }: World, name: string): boolean {
  const state = services.state(name);
  return state === "RUNNING" || state === "START_PENDING";
}
