import { dirname, join } from "node:path";

import { kitFolder } from "../../../src/base/program-data.ts";
import { noFault } from "./switches.ts";
import type { RegistrationScriptMachine } from "./model-script.ts";
import { openKit } from "./actors/kit.ts";
import { RegistrationWorld } from "./world.ts";

/** The simulated machine for a script; nothing goes wrong on it. */
export function simulatedRegistrationMachine(): RegistrationScriptMachine {
  const schedule = { seed: 1, beginning: "clean", commands: [], deeds: [], faults: [] } as const;
  const world = new RegistrationWorld({
    schedule,
    fault: noFault,
    onEffect: () => {},
    note: () => {},
  });
  const process = world.processes.start("administrator", -1);
  const { binding } = openKit(world, process);
  const tasks = world.tasks.of(process);
  const registry = world.registry.of(process);
  const soon = <T>(work: Promise<T>): Promise<T> => world.scheduler.until(work);
  return {
    registry: {
      hasRegistryKey: async (path) => registry.hasRegistryKey(path),
      readRegistryKey: async (path) => registry.readRegistryKey(path),
      readRegistryValue: async (path, name) => registry.readRegistryValue(path, name),
      createRegistryKey: async (path) => registry.createRegistryKey(path),
      writeRegistryValue: async (...args) => registry.writeRegistryValue(...args),
      deleteRegistryValue: async (path, name) => registry.deleteRegistryValue(path, name),
      deleteRegistryKey: async (path) => registry.deleteRegistryKey(path),
      flushRegistryKey: async (path) => registry.flushRegistryKey(path),
    },
    files: {
      inspectProtected: async (path) => binding.inspectProtected(path),
      readProtectedFile: async (...args) => binding.readProtectedFile(...args),
      createProtectedFolder: async (path) => binding.createProtectedFolder(path),
      moveAside: async (from, to) => binding.moveAside(from, to),
    },
    tasks: {
      read: async (clsid) => tasks.read(clsid),
      create: (clsid, xml) => soon(tasks.create(clsid, xml)),
      remove: (clsid) => soon(tasks.remove(clsid)),
    },
    lockFile: async (...args) => {
      const held = await soon(binding.lockFile(...args));
      return held && { release: async () => held.release() };
    },
    pathOf: (...names) => join(dirname(kitFolder()), ...names),
  };
}
