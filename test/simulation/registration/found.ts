/** Shrunk schedules that once broke an invariant, so that no change of the generator loses them. */
import type { CommandPlan, RegistrationSchedule } from "./schedule.ts";
import type { FoundFault } from "../test-simulation.ts";

const register: CommandPlan = {
  command: "register",
  atMs: 0,
  variant: 0,
  force: true,
  update: true,
  repair: false,
  bootRecovery: true,
};

export const foundFaults: readonly FoundFault<RegistrationSchedule>[] = [
  {
    name: "a record of a registration that a power cut took from the registry",
    schedule: {
      seed: 33,
      beginning: "clean",
      commands: [{ ...register, atMs: 2796 }],
      deeds: [{ kind: "restart machine", atMs: 3362, number: 563 }],
      faults: [],
    },
  },
  {
    name: "an undo that took back what an administrator had set",
    schedule: {
      seed: 832,
      beginning: "clean",
      commands: [{ ...register, atMs: 2050, force: false, update: false }],
      deeds: [{ kind: "edit value", atMs: 2191, number: 5 }],
      faults: [{ effect: "com.activate", fault: "powerCut", nth: 0, isAfter: true }],
    },
  },
  {
    name: "a key with a value of somebody else that was a conflict of unregister",
    schedule: {
      seed: 768,
      beginning: "clean",
      commands: [
        { ...register, command: "unregister", atMs: 1754 },
        { ...register, atMs: 744, bootRecovery: false },
      ],
      deeds: [{ kind: "add value", atMs: 991, number: 665 }],
      faults: [],
    },
  },
  {
    name: "a user who made the folder again within a millisecond",
    schedule: {
      seed: 14_809,
      beginning: "clean",
      commands: [
        { ...register, command: "status", atMs: 3368, variant: 1 },
        { ...register, atMs: 3368, repair: true },
      ],
      deeds: [{ kind: "race for the folder", atMs: 341, number: 806 }],
      faults: [],
    },
  },
  {
    name: "an update that left a changed value of the former class without a word",
    schedule: {
      seed: 273,
      beginning: "clean",
      commands: [
        { ...register, atMs: 15 },
        { ...register, atMs: 588, variant: 1 },
      ],
      deeds: [{ kind: "edit value", atMs: 274, number: 922 }],
      faults: [],
    },
  },
  {
    name: "a record of the end that stood while the change was undone",
    schedule: {
      seed: 1_014_885,
      beginning: "registered by release 0.1.0",
      commands: [{ ...register, atMs: 1470, variant: 2, update: false }],
      deeds: [],
      faults: [
        { effect: "task.create", fault: "powerCut", nth: 0, isAfter: false },
        { effect: "disk.remove", fault: "error", nth: 1, isAfter: true },
      ],
    },
  },
  {
    name: "a removal that took what an administrator had set while a task was removed",
    schedule: {
      seed: 1_020_156,
      beginning: "clean",
      commands: [
        { ...register, variant: 1, update: false, repair: true },
        { ...register, command: "unregister", atMs: 57, update: false, repair: true },
      ],
      deeds: [{ kind: "edit value", atMs: 306, number: 385 }],
      faults: [],
    },
  },
  {
    name: "a removal that said that nothing was changed, and was completed later",
    schedule: {
      seed: 1_040_139,
      beginning: "with values of another program",
      commands: [
        { ...register, atMs: 215, variant: 1, repair: true },
        { ...register, command: "unregister", atMs: 2495 },
        { ...register, atMs: 2550, force: false, update: false, bootRecovery: false },
      ],
      deeds: [],
      faults: [{ effect: "disk.remove", fault: "error", nth: 1, isAfter: false }],
    },
  },
  {
    name: "a change of somebody else that was replaced, and put back",
    schedule: {
      seed: 1_034_674,
      beginning: "clean",
      commands: [
        { ...register, atMs: 388, variant: 2, force: false },
        { ...register, atMs: 1162, bootRecovery: false },
        { ...register, command: "unregister", atMs: 3415, force: false },
      ],
      deeds: [{ kind: "edit value", atMs: 583, number: 749 }],
      faults: [],
    },
  },
  {
    name: "a value that was there already, and whose loss status did not see",
    schedule: {
      seed: 1_067_891,
      beginning: "clean",
      commands: [
        { ...register, atMs: 507, variant: 2, update: false, repair: true },
        { ...register, atMs: 1054, force: false },
        { ...register, command: "status", atMs: 2982, variant: 1, update: false },
      ],
      deeds: [
        { kind: "delete folder", atMs: 871, number: 35 },
        { kind: "delete value", atMs: 1083, number: 35 },
      ],
      faults: [],
    },
  },
];
