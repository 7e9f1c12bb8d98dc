import { runFreezeGuardian } from "../../../../src/runtime/writer/guardian.ts";
import type { OrderListener } from "../../../../src/runtime/writer/guardian.ts";
import type {
  GuardianListener,
  GuardianProcess,
} from "../../../../src/runtime/writer/guardian-leash.ts";
import {
  formatMessage,
  parseOrder,
  parseReport,
} from "../../../../src/runtime/writer/guardian-messages.ts";
import type { Process } from "../../machine/processes.ts";
import type { WriterWorld } from "../world.ts";
import { openJournal, openKit } from "./kit.ts";
import { Pipe } from "./pipe.ts";

const PLACE_MS = 10_000;
const KILL_MS = 5000;
const START_MS = 200;

/** Starts a guardian for a service. */
export function startGuardian(
  world: WriterWorld,
  service: Process,
  listener: GuardianListener,
): GuardianProcess {
  return world.processes.now(service, "process.spawn", "guardian", (fault) => {
    if (fault === "error") throw new Error("The process could not be started.");
    const process = world.processes.start("guardian", -1);
    const orders: OrderListener[] = [];
    const toService = new Pipe(world, {
      from: process,
      to: service,
      onLine: (line) => {
        const report = parseReport(line);
        if (report?.report === "ready") world.guardians.add(process);
        if (report !== undefined) listener.onReport(report);
      },
      onEnd: () => listener.onExit("it has ended"),
    });
    const toGuardian = new Pipe(world, {
      from: service,
      to: process,
      onLine: (line) => {
        const order = parseOrder(line);
        if (order !== undefined) for (const one of orders) one.onOrder(order);
      },
      onEnd: () => {
        for (const one of orders) one.onEnd();
      },
    });
    process.exits.push(() => world.guardians.delete(process));
    world.whenAble(process, 1 + world.random.below(START_MS), () => {
      void runIn(world, process, orders, toService);
    });
    return {
      send(order) {
        // A guardian that does not hear its service is as good as none.
        if (!toGuardian.write(formatMessage(order))) world.guardians.delete(process);
      },
      close() {
        world.guardians.delete(process);
        toGuardian.end();
        world.whenAble(service, KILL_MS, () =>
          world.processes.end(process, "is ended by its service"),
        );
      },
    };
  });
}

async function runIn(
  world: WriterWorld,
  process: Process,
  orders: OrderListener[],
  toService: Pipe,
): Promise<void> {
  const { clock, after, events, thaw } = openKit(world, process);
  const end = await runFreezeGuardian(
    world.fault.guardian({
      takePlace: () =>
        world.locks.lock(process, {
          file: "/guardian.lock",
          record: Buffer.from(process.name),
          timeoutMs: PLACE_MS,
        }),
      listen: (listener) => orders.push(listener),
      report: (report) => void toService.write(formatMessage(report)),
      journal: openJournal(world, process, { boot: null, emit: events.emit }),
      thaw: { thaw, clock, mapStack: (frames) => frames },
      events,
      after,
    }),
  ).catch((error: unknown) => String(error));
  if (process.state === "runs") world.processes.end(process, `ends: ${end}`);
}
