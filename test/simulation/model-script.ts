/** One script of operations for the simulated machine and for Windows. */
import type {
  ServiceChangeEnd,
  ServiceDescription,
  WantedServiceState,
} from "../../src/runtime/native/binding.ts";
import type { MarkApi } from "../../src/runtime/restore/journal/mark.ts";
import type { ServiceApi } from "../../src/runtime/restore/service-control.ts";
import type { Later, Step } from "./run-script.ts";

/** What the script needs of a machine. */
export interface ScriptMachine {
  readonly services: Pick<
    ServiceApi,
    "queryService" | "describeService" | "setServiceStartType" | "listServiceDependencies"
  >;
  change(name: string, wanted: WantedServiceState): Promise<ServiceChangeEnd>;
  readonly registry: Later<MarkApi>;
  takeLock(): Promise<{ release(): void | Promise<void> } | null>;
}

/** Two services; `Ledger` needs `Store`. Both are installed, and stopped. */
export const STORE = "WsbStore";
export const LEDGER = "WsbLedger";

const KEY = "SOFTWARE\\wsb-addin-model";
const REG_SZ = 1;

function described(service: ServiceDescription | null): unknown {
  if (service === null) return null;
  const { state, startType, delayedStart, dependsOn, programExists, mayStart } = service;
  return { state, startType, delayedStart, dependsOn, programExists, mayStart };
}

const states = async ({ services }: ScriptMachine): Promise<unknown> =>
  Promise.all(
    [STORE, LEDGER].map(async (name) => (await services.queryService(name))?.state ?? null),
  );

const change =
  (name: string, wanted: WantedServiceState): Step<ScriptMachine>[1] =>
  async (machine) => {
    const { outcome, state } = await machine.change(name, wanted);
    return { outcome, state, states: await states(machine) };
  };

const setStartType =
  (name: string, startType: "automatic" | "manual" | "disabled"): Step<ScriptMachine>[1] =>
  async ({ services }) => {
    await services.setServiceStartType(name, startType, false);
    return described(await services.describeService(name));
  };

const stopNeeded: Step<ScriptMachine> = [
  "stop Store, which Ledger needs",
  change(STORE, "STOPPED"),
];

const serviceSteps: readonly Step<ScriptMachine>[] = [
  ["start Store", change(STORE, "RUNNING")],
  ["start Ledger", change(LEDGER, "RUNNING")],
  ["start Ledger, which runs", change(LEDGER, "RUNNING")],
  // Wine stops a service that another one needs.
  ...(process.platform === "win32" ? [stopNeeded] : []),
  ["stop Ledger", change(LEDGER, "STOPPED")],
  ["stop Ledger, which is stopped", change(LEDGER, "STOPPED")],
  ["make Store manual", setStartType(STORE, "manual")],
  ["make Ledger automatic", setStartType(LEDGER, "automatic")],
  ["make Ledger manual", setStartType(LEDGER, "manual")],
  ["disable Ledger", setStartType(LEDGER, "disabled")],
  ["start Ledger, which is disabled", change(LEDGER, "RUNNING")],
  ["make Ledger manual again", setStartType(LEDGER, "manual")],
  ["stop Store", change(STORE, "STOPPED")],
  ["query a missing service", ({ services }) => services.queryService("WsbMissing")],
  ["describe a missing service", ({ services }) => services.describeService("WsbMissing")],
  ["start a missing service", change("WsbMissing", "RUNNING")],
  ["make a missing service manual", setStartType("WsbMissing", "manual")],
  [
    "list what needs what",
    async ({ services }) =>
      (await services.listServiceDependencies())
        .filter(({ name }) => name === STORE || name === LEDGER)
        .toSorted((one, other) => one.name.localeCompare(other.name)),
  ],
];

const data = Buffer.from("ledger\0", "utf16le");

const registrySteps: readonly Step<ScriptMachine>[] = [
  ["read a missing key", ({ registry }) => registry.readRegistryKey(KEY)],
  ["read a value of a missing key", ({ registry }) => registry.readRegistryValue(KEY, "value")],
  ["flush a missing key", ({ registry }) => registry.flushRegistryKey(KEY)],
  ["write to a missing key", ({ registry }) => registry.writeRegistryValue(KEY, "v", REG_SZ, data)],
  ["delete a missing key", ({ registry }) => registry.deleteRegistryKey(KEY)],
  ["create a key and its parent", ({ registry }) => registry.createRegistryKey(`${KEY}\\child`)],
  ["create it again", ({ registry }) => registry.createRegistryKey(`${KEY}\\child`)],
  ["write a value", ({ registry }) => registry.writeRegistryValue(KEY, "value", REG_SZ, data)],
  [
    "read it",
    async ({ registry }) => {
      const value = await registry.readRegistryValue(KEY, "value");
      return value && { type: value.type, data: Buffer.from(value.data).toString("hex") };
    },
  ],
  ["read another one", ({ registry }) => registry.readRegistryValue(KEY, "other")],
  ["list the key", ({ registry }) => registry.readRegistryKey(KEY)],
  ["flush the key", ({ registry }) => registry.flushRegistryKey(KEY)],
  ["delete a key with a subkey", ({ registry }) => registry.deleteRegistryKey(KEY)],
  ["delete the subkey", ({ registry }) => registry.deleteRegistryKey(`${KEY}\\child`)],
  ["delete the key", ({ registry }) => registry.deleteRegistryKey(KEY)],
];

const lockSteps: readonly Step<ScriptMachine>[] = [
  [
    "take a lock twice, and again after its release",
    async (machine) => {
      const first = await machine.takeLock();
      const second = await machine.takeLock();
      await first?.release();
      const third = await machine.takeLock();
      await third?.release();
      return [first, second, third].map((held) => held !== null);
    },
  ],
];

/** What a person would do on the machine, one after the other. */
export const script: readonly Step<ScriptMachine>[] = [
  ...serviceSteps,
  ...registrySteps,
  ...lockSteps,
];
