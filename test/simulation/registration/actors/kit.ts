import { WRITER_ID } from "../../../helpers/manifest.ts";
import { createFakeBinding } from "../../../helpers/fakes/fake-binding.ts";
import { WsbError } from "../../../../src/base/errors.ts";
import type { NativeBinding } from "../../../../src/runtime/native/binding.ts";
import type { Screen } from "../../../../src/tools/cli/shared/output.ts";
import { localServerKey } from "../../../../src/tools/registration/keys.ts";
import { openMachine } from "../../../../src/tools/registration/machine.ts";
import type { RegistrationMachine } from "../../../../src/tools/registration/register.ts";
import type { RegistrationRecord } from "../../../../src/tools/registration/registration-record.ts";
import type { Process } from "../../machine/processes.ts";
import { noFault, type RegistrationSwitch } from "../switches.ts";
import type { RegistrationWorld } from "../world.ts";

/** What a command has of the machine. */
export interface Kit {
  readonly binding: NativeBinding;
  readonly machine: RegistrationMachine;
  readonly screen: Screen;
  /** What it has printed. */
  readonly told: readonly string[];
}

const SERVER_EXEC_FAILURE = 0x8008_0005;
const CLASS_NOT_REGISTERED = 0x8004_0154;
const START_MS = 400;

function activation(hresult: number) {
  return { hresult, description: null, value: undefined };
}

function activateOn(world: RegistrationWorld, process: Process): NativeBinding["activate"] {
  return async (clsid) => {
    await world.scheduler.wait(world.random.below(START_MS));
    return world.processes.later(process, "com.activate", clsid, (fault) => {
      if (fault === "error") return activation(SERVER_EXEC_FAILURE);
      return activation(world.registry.has(localServerKey(clsid)) ? 0 : CLASS_NOT_REGISTERED);
    });
  };
}

export function openKit(
  world: RegistrationWorld,
  process: Process,
  fault: RegistrationSwitch = world.fault,
): Kit {
  const binding = fault.binding({
    ...createFakeBinding(),
    ...world.registry.of(process),
    ...world.folders.protectionOf(process),
    lockFile: (file, record, timeoutMs) => world.folders.lock(process, { file, record, timeoutMs }),
    processInfo: () => process.identity,
    activate: activateOn(world, process),
    isElevated: () => true,
    queryService: async () => {
      const state = world.services.stateOf(WRITER_ID);
      return state === undefined ? null : { state, processId: 1, waitHintMs: 0, exitCode: 0 };
    },
  });
  const told: string[] = [];
  const say = (text: string): void => {
    told.push(text);
    if (!process.isObserver) world.note(`${process.name} says ${text}`);
  };
  const machine = openMachine(binding, say, {
    disk: world.folders.diskOf(process),
    tasks: world.tasks.of(process),
    writers: world.writers.of(process),
    services: world.services.of(process),
  });
  return { binding, machine: fault.machine(machine), screen: { line: say, note: say }, told };
}

/** Reads the record without being seen. */
export function recordNow(world: RegistrationWorld): RegistrationRecord | "damaged" | undefined {
  const observer = world.processes.start("administrator", -1);
  observer.isObserver = true;
  try {
    return openKit(world, observer, noFault).machine.records.read(WRITER_ID);
  } catch (error) {
    if (error instanceof WsbError && error.code === "ERR_WSB_CONFLICT") return "damaged";
    throw error;
  } finally {
    observer.state = "dead";
  }
}
