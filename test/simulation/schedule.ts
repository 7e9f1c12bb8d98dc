import type { ServiceStartType } from "../../src/runtime/native/binding.ts";
import { Random } from "../fuzz/random.ts";
import { randomFault, restoreEffects, type PlannedFault } from "./machine/processes.ts";
import type { Reaction, ServicePlan } from "./machine/services.ts";

export interface AddinPlan {
  readonly services: readonly string[];
  readonly onAbandonedRestore: "keepStopped" | "startServices";
  readonly onPreRestoreFailure: "startServices" | "keepStopped";
}

export interface ClientStep {
  readonly call: "preRestore" | "postRestore" | "die";
  readonly component: number;
  readonly handler: "works" | "fails" | "hangs";
  /** How long the client takes before it, such as the copy of files. */
  readonly pauseMs: number;
}

export interface ClientPlan {
  readonly addin: number;
  /** Whether Windows tells who calls. */
  readonly isKnown: boolean;
  readonly startMs: number;
  readonly steps: readonly ClientStep[];
}

/** What an administrator does. */
export type DeedKind =
  | "recover"
  | "recover --start"
  | "recover --start --force"
  | "recover --keep-stopped"
  | "start service"
  | "stop service"
  | "disable service"
  | "delete service"
  | "delete journal"
  | "damage journal"
  | "bring back journal"
  | "fill disk"
  | "build without services"
  | "restart machine";

export interface Deed {
  readonly atMs: number;
  readonly kind: DeedKind;
  readonly addin: number;
  readonly service: number;
}

/** All that a run depends on, besides the order of what happens at the same time. */
export interface Schedule {
  readonly seed: number;
  readonly services: readonly ServicePlan[];
  readonly addins: readonly AddinPlan[];
  readonly clients: readonly ClientPlan[];
  readonly deeds: readonly Deed[];
  readonly faults: readonly PlannedFault[];
}

const deedKinds: readonly DeedKind[] = [
  "recover",
  "recover --start",
  "recover --start --force",
  "recover --keep-stopped",
  "start service",
  "stop service",
  "disable service",
  "delete service",
  "delete journal",
  "damage journal",
  "bring back journal",
  "fill disk",
  "build without services",
  "restart machine",
];

/** A schedule in which somebody does this besides, while somebody restores. */
export function withDeed(schedule: Schedule, kind: DeedKind): Schedule {
  const { seed, clients, deeds } = schedule;
  const random = new Random(seed, 3);
  const { addin, startMs } = random.pick(clients);
  const deed = { kind, addin, service: random.below(3), atMs: startMs + random.below(4000) };
  return { ...schedule, deeds: [...deeds, deed] };
}

/** Makes up a schedule; the same for the same seed. */
export function scheduleOf(seed: number): Schedule {
  const random = new Random(seed);
  const services = servicesOf(random);
  const addins = addinsOf(random);
  const clients = Array.from({ length: 1 + random.below(3) }, () => clientOf(random)).map(
    // Two clients that Windows does not tell are one to the kit: a known limit.
    (client, index) => (index === 0 ? client : Object.assign(client, { isKnown: true })),
  );
  return {
    seed,
    services,
    addins,
    clients,
    deeds: Array.from({ length: random.below(3) }, () => deedOf(random, clients)),
    faults: Array.from({ length: random.below(3) }, () => randomFault(random, restoreEffects)),
  };
}

function oneOf<T>(random: Random, usual: T, others: readonly T[]): T {
  return random.once(8) ? random.pick(others) : usual;
}

function servicesOf(random: Random): readonly ServicePlan[] {
  // Books needs Ledger, as an application needs its database; Shared is of both add-ins.
  const needs: Readonly<Record<string, readonly string[]>> = {
    Books: ["Ledger"],
    Ledger: [],
    Shared: [],
  };
  return Object.entries(needs).map(([name, dependsOn]) => serviceOf(random, name, dependsOn));
}

function serviceOf(random: Random, name: string, dependsOn: readonly string[]): ServicePlan {
  const reactions: readonly Reaction[] = ["is slow", "hangs", "refuses", "fails"];
  return {
    name,
    dependsOn,
    ...startOf(random),
    delayedStart: random.once(4),
    onStop: oneOf<Reaction>(random, "obeys", reactions),
    onStart: oneOf<Reaction>(random, "obeys", reactions),
    watchdogMs: random.once(10) ? 100 + random.below(4000) : 0,
  };
}

function startOf(random: Random): Pick<ServicePlan, "startType" | "runs"> {
  const startType = oneOf<ServiceStartType>(random, "automatic", ["manual", "disabled"]);
  const chance = startType === "automatic" ? 5 : 3;
  return { startType, runs: !random.once(chance) };
}

function addinsOf(random: Random): readonly AddinPlan[] {
  return [["Ledger", "Shared"], ["Shared"]].map((services) => ({
    services,
    onAbandonedRestore: oneOf(random, "keepStopped", ["startServices"]),
    onPreRestoreFailure: oneOf(random, "startServices", ["keepStopped"]),
  }));
}

function pauseOf(random: Random): number {
  return Math.round(20 * 2 ** random.below(9));
}

function clientOf(random: Random): ClientPlan {
  const steps: ClientStep[] = [];
  const components = 1 + random.below(3);
  const isPaired = random.once(2);
  const step = (call: ClientStep["call"], component: number): void => {
    const handler = oneOf<ClientStep["handler"]>(random, "works", ["fails", "hangs"]);
    steps.push({ call, component, handler, pauseMs: pauseOf(random) });
  };
  for (let component = 0; component < components; component += 1) {
    step("preRestore", component);
    if (random.once(8)) step("preRestore", component);
    if (isPaired) step("postRestore", component);
  }
  if (!isPaired) {
    for (let component = 0; component < components; component += 1) step("postRestore", component);
  }
  if (random.once(4)) {
    steps.splice(1 + random.below(steps.length), 0, {
      call: "die",
      component: 0,
      handler: "works",
      pauseMs: pauseOf(random),
    });
  }
  return {
    addin: random.once(3) ? 1 : 0,
    isKnown: !random.once(10),
    startMs: random.below(8000),
    steps,
  };
}

/** Most of what is done by hand is interesting while somebody restores. */
function deedOf(random: Random, clients: readonly ClientPlan[]): Deed {
  const { addin, startMs } = random.pick(clients);
  return {
    atMs: Math.max(0, startMs - 500 + random.below(6000)),
    kind: random.pick(deedKinds),
    addin: random.once(4) ? 1 - addin : addin,
    service: random.below(3),
  };
}
