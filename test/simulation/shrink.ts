import { run } from "./run.ts";
import type { ClientPlan, Schedule } from "./schedule.ts";
import type { Switch } from "./switches.ts";

function without<T>(list: readonly T[], index: number): readonly T[] {
  return list.filter((_, at) => at !== index);
}

function smallerClients(client: ClientPlan): readonly ClientPlan[] {
  return client.steps.map((_, index) => ({ ...client, steps: without(client.steps, index) }));
}

/** Schedules with one thing less. */
function* smaller(schedule: Schedule): Generator<Schedule> {
  const { clients, deeds, faults, services } = schedule;
  for (const at of clients.keys()) yield { ...schedule, clients: without(clients, at) };
  for (const at of deeds.keys()) yield { ...schedule, deeds: without(deeds, at) };
  for (const at of faults.keys()) yield { ...schedule, faults: without(faults, at) };
  for (const [at, client] of clients.entries()) {
    for (const less of smallerClients(client)) {
      yield { ...schedule, clients: clients.with(at, less) };
    }
  }
  const plain = { onStop: "obeys", onStart: "obeys", watchdogMs: 0 } as const;
  for (const [at, service] of services.entries()) {
    const isPlain =
      service.onStop === "obeys" && service.onStart === "obeys" && service.watchdogMs === 0;
    if (!isPlain) yield { ...schedule, services: services.with(at, { ...service, ...plain }) };
  }
}

/** Drops one thing after the other from a schedule that breaks an invariant, as long as it still does. */
export async function shrink(
  schedule: Schedule,
  invariant: string,
  fault: Switch,
): Promise<Schedule> {
  for (const one of smaller(schedule)) {
    const { violation } = await run(one, { fault });
    if (violation?.invariant === invariant) return shrink(one, invariant, fault);
  }
  return schedule;
}
