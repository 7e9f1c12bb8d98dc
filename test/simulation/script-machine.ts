import type { ServiceChangeEnd, WantedServiceState } from "../../src/runtime/native/binding.ts";
import type { ServicePlan } from "./machine/services.ts";
import { LEDGER, STORE, type ScriptMachine } from "./model-script.ts";
import { noFault } from "./switches.ts";
import { World } from "./world.ts";

function plan(name: string, dependsOn: readonly string[]): ServicePlan {
  return {
    name,
    dependsOn,
    startType: "manual",
    delayedStart: false,
    runs: false,
    onStop: "obeys",
    onStart: "obeys",
    watchdogMs: 0,
  };
}

/** The simulated machine for a script; nothing goes wrong on it. */
export function simulatedScriptMachine(): ScriptMachine {
  const schedule = {
    seed: 1,
    services: [plan(STORE, []), plan(LEDGER, [STORE])],
    addins: [],
    clients: [],
    deeds: [],
    faults: [],
  };
  const world = new World({ schedule, fault: noFault, onEffect: () => {}, note: () => {} });
  const process = world.processes.start("client", 0);
  const services = world.services.of(process);
  const registry = world.registry.of(process);
  const soon = <T>(work: Promise<T>): Promise<T> => world.scheduler.until(work);
  return {
    services: {
      queryService: (name) => soon(services.queryService(name)),
      describeService: (name) => soon(services.describeService(name)),
      setServiceStartType: (...args) => soon(services.setServiceStartType(...args)),
      listServiceDependencies: () => soon(services.listServiceDependencies()),
    },
    change: (name: string, wanted: WantedServiceState): Promise<ServiceChangeEnd> =>
      soon(services.changeService(name, wanted, 30_000).ended),
    registry: {
      readRegistryKey: async (path) => registry.readRegistryKey(path),
      readRegistryValue: async (path, name) => registry.readRegistryValue(path, name),
      createRegistryKey: async (path) => registry.createRegistryKey(path),
      writeRegistryValue: async (...args) => registry.writeRegistryValue(...args),
      flushRegistryKey: async (path) => registry.flushRegistryKey(path),
      deleteRegistryKey: async (path) => registry.deleteRegistryKey(path),
    },
    takeLock: () => soon(world.locks.takePlace(process, 0)),
  };
}
