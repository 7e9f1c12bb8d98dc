import { machineDisk, type Disk } from "../../base/disk.ts";
import { windowsError } from "../../base/errors.ts";
import type { ProtectionApi, ReportForeign } from "../../runtime/native/protected-folder.ts";
import { expressWritersOn, type ExpressWriters, type Vss } from "../writer/express-writers.ts";
import { bootTasksOn, type BootTasks } from "./boot-task.ts";
import { showKey } from "./keys.ts";
import { openRegistrationRecords } from "./registration-record-file.ts";
import type { RegistrationMachine } from "./register.ts";
import type { RegistryApi } from "./registry-api.ts";
import { writerServicesOn, type ServiceApi, type WriterServices } from "./writer-service.ts";

const NEXT_STEP = "Check the key's permissions with regedit.";

function describe<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw windowsError(`Cannot read ${showKey(path)}`, NEXT_STEP, error);
  }
}

/** Returns the same registry, with messages for keys that cannot be read; steps have their own. */
function describeReads(api: RegistryApi): RegistryApi {
  return {
    hasRegistryKey: (path) => describe(path, () => api.hasRegistryKey(path)),
    readRegistryKey: (path) => describe(path, () => api.readRegistryKey(path)),
    readRegistryValue: (path, name) => describe(path, () => api.readRegistryValue(path, name)),
    createRegistryKey: (path) => api.createRegistryKey(path),
    writeRegistryValue: (path, name, type, data) => {
      api.writeRegistryValue(path, name, type, data);
    },
    deleteRegistryValue: (path, name) => api.deleteRegistryValue(path, name),
    deleteRegistryKey: (path) => api.deleteRegistryKey(path),
    flushRegistryKey: (path) => api.flushRegistryKey(path),
  };
}

/** What a machine has besides what the shim reaches. */
export interface MachineParts {
  /** @defaultValue the disks of this machine */
  readonly disk?: Disk;
  /** @defaultValue the task scheduler of this machine */
  readonly tasks?: BootTasks;
  /** @defaultValue VSS of this machine */
  readonly writers?: ExpressWriters;
  /** @defaultValue the service manager of this machine */
  readonly services?: WriterServices;
}

/**
 * Returns the registry, the start-up tasks, the express writers, the services of writers and the
 * registration records of this machine.
 *
 * @param report Is told what is not obeyed because somebody else could have changed it, and what was
 * set aside before something was written.
 */
export function openMachine(
  binding: RegistryApi & ProtectionApi & Vss & ServiceApi,
  report: ReportForeign,
  {
    disk = machineDisk,
    tasks = bootTasksOn(binding, report),
    writers = expressWritersOn(binding),
    services = writerServicesOn(binding),
  }: MachineParts = {},
): RegistrationMachine {
  return {
    api: describeReads(binding),
    tasks,
    writers,
    services,
    records: openRegistrationRecords(binding, report, disk),
  };
}
