/** The faults of the issue, and those that were found here, each as a switch that brings it back. */
import { readClsid } from "../../../src/tools/registration/read-installation.ts";
import type {
  RegistrationRecord,
  RegistrationRecords,
} from "../../../src/tools/registration/registration-record.ts";
import {
  recoverRegistration,
  type RegistrationMachine,
} from "../../../src/tools/registration/register.ts";
import { removeWriter } from "../../../src/tools/cli/commands/unregister.ts";
import { NativeError } from "../../helpers/fakes/native-error.ts";
import { WRITER_ID } from "../../helpers/manifest.ts";
import type { DeedKind } from "./schedule.ts";
import { noFault, type RegistrationSwitch } from "./switches.ts";
import type { KnownFault } from "../test-simulation.ts";

type Registering = Extract<RegistrationRecord, { readonly state: "registering" }>;

/** A machine that writes the record of a registration as it is changed here. */
function recording(change: (record: Registering) => Registering): RegistrationSwitch["machine"] {
  return (machine) => ({
    ...machine,
    records: {
      ...machine.records,
      write: (writerId, record) =>
        machine.records.write(writerId, record.state === "registering" ? change(record) : record),
    },
  });
}

const withoutWritten = recording((record) => {
  const values = record.before.values.map(({ key, name, value }) => ({ key, name, value }));
  return { ...record, before: { ...record.before, values } };
});
const withoutWriter = recording((record) => {
  const { writer: _, ...rest } = record;
  return rest;
});
const withoutService = recording((record) => {
  const { service: _, ...rest } = record;
  return rest;
});

/** A store in which each document looks like the one of the registration record. */
function alwaysOwn<Store extends { readonly read: (writerId: string) => string | null }>(
  store: Store,
  records: RegistrationRecords,
  part: "document" | "service",
): Store {
  const ownedIn = (writerId: string): string | undefined => {
    const record = records.read(writerId);
    return record !== undefined && "owned" in record ? record.owned[part] : undefined;
  };
  return {
    ...store,
    read: (writerId) => store.read(writerId) && (ownedIn(writerId) ?? store.read(writerId)),
  };
}

/** Removes the start-up task after the registration, as release 0.1.0 did. */
const removeTaskLast: typeof removeWriter = async (request, screen) => {
  const { machine, binding } = request;
  const clsid = readClsid(binding, WRITER_ID);
  const tasks = { ...machine.tasks, remove: async () => {} };
  const outcome = await removeWriter({ ...request, machine: { ...machine, tasks } }, screen);
  if (clsid !== undefined) await machine.tasks.remove(clsid);
  return outcome;
};

function unflushed(machine: RegistrationMachine): RegistrationMachine {
  return { ...machine, api: { ...machine.api, flushRegistryKey: () => {} } };
}

export const knownFaults: readonly KnownFault<RegistrationSwitch, DeedKind>[] = [
  {
    name: "A: a planted record is obeyed",
    within: 50,
    invariant: "nothing planted is obeyed",
    deed: "plant folder",
    fault: {
      ...noFault,
      binding: (binding) => ({
        ...binding,
        createProtectedFolder: () => {},
        inspectProtected(path) {
          const found = binding.inspectProtected(path);
          return found && { ...found, distrust: null };
        },
      }),
    },
  },
  {
    name: "B: the start-up task is removed after the registration",
    within: 300,
    deed: "stop scheduler",
    fault: { ...noFault, removeWriter: removeTaskLast },
  },
  {
    name: "C: a damaged record has no way out",
    within: 50,
    deed: "damage record",
    fault: { ...noFault, canRepair: false },
  },
  {
    name: "D: status repairs",
    within: 100,
    invariant: "status changes nothing",
    fault: {
      ...noFault,
      beforeStatus: async (machine, writerId) => {
        await recoverRegistration(machine, writerId);
      },
    },
  },
  {
    name: "G: status does not look for a session whose program is gone",
    within: 20,
    fault: {
      ...noFault,
      binding: (binding) => ({
        ...binding,
        readRegistryValue: (path, name) =>
          path.includes("\\wsb-addin\\Sessions\\") ? null : binding.readRegistryValue(path, name),
      }),
    },
  },
  {
    name: "H: a planted folder is not set aside",
    within: 20,
    deed: "plant folder",
    fault: {
      ...noFault,
      binding: (binding) => ({
        ...binding,
        moveAside: () => {
          throw new NativeError(0x8007_0005, "SetFileInformationByHandle");
        },
      }),
    },
  },
  {
    name: "two commands at once",
    within: 300,
    fault: {
      ...noFault,
      binding: (binding) => ({
        ...binding,
        lockFile: async () => ({ write: () => {}, release: () => {} }),
      }),
    },
  },
  {
    name: "a registry that is not on the disk when its record is",
    within: 100,
    deed: "restart machine",
    fault: { ...noFault, machine: unflushed },
  },
  {
    name: "an undo that does not ask who has changed a value",
    within: 300,
    deed: "edit value",
    fault: { ...noFault, machine: withoutWritten },
  },
  {
    name: "an undo that forgets the express writer",
    within: 600,
    fault: { ...noFault, machine: withoutWriter },
  },
  {
    name: "an undo that forgets the service",
    within: 600,
    fault: { ...noFault, machine: withoutService },
  },
  {
    name: "a command that does not ask whose service it removes",
    within: 600,
    invariant: "services of others stay",
    deed: "replace service",
    fault: {
      ...noFault,
      machine: (machine) => ({
        ...machine,
        services: alwaysOwn(machine.services, machine.records, "service"),
      }),
    },
  },
  {
    name: "a register that does not start the service",
    within: 300,
    invariant: "register leaves the service running",
    fault: {
      ...noFault,
      machine: (machine) => ({
        ...machine,
        services: { ...machine.services, start: async () => false },
      }),
    },
  },
  {
    name: "a command that does not ask whose express writer it removes",
    within: 300,
    invariant: "express writers of others stay",
    deed: "replace writer",
    fault: {
      ...noFault,
      machine: (machine) => ({
        ...machine,
        writers: alwaysOwn(machine.writers, machine.records, "document"),
      }),
    },
  },
];
