/** Shrunk schedules that once broke an invariant, so that no change of the generator loses them. */
import type { Schedule } from "./schedule.ts";

export interface FoundFault {
  /** What went wrong in a few words. */
  readonly name: string;
  readonly schedule: Schedule;
}

export const foundFaults: readonly FoundFault[] = [
  {
    name: "a mark that was not on the disk when its process died",
    schedule: {
      seed: 1001086,
      services: [
        {
          name: "Books",
          dependsOn: ["Ledger"],
          startType: "automatic",
          runs: true,
          delayedStart: false,
          onStop: "obeys",
          onStart: "obeys",
          watchdogMs: 0,
        },
        {
          name: "Ledger",
          dependsOn: [],
          startType: "manual",
          runs: false,
          delayedStart: false,
          onStop: "obeys",
          onStart: "obeys",
          watchdogMs: 0,
        },
        {
          name: "Shared",
          dependsOn: [],
          startType: "automatic",
          runs: true,
          delayedStart: false,
          onStop: "obeys",
          onStart: "obeys",
          watchdogMs: 0,
        },
      ],
      addins: [
        {
          services: ["Ledger", "Shared"],
          onAbandonedRestore: "keepStopped",
          onPreRestoreFailure: "startServices",
        },
        {
          services: ["Shared"],
          onAbandonedRestore: "startServices",
          onPreRestoreFailure: "startServices",
        },
      ],
      clients: [
        {
          addin: 0,
          isKnown: true,
          startMs: 5807,
          steps: [
            { call: "preRestore", component: 0, handler: "hangs", pauseMs: 640 },
            { call: "preRestore", component: 1, handler: "works", pauseMs: 20 },
            { call: "postRestore", component: 1, handler: "works", pauseMs: 5120 },
          ],
        },
      ],
      deeds: [],
      faults: [
        { effect: "process.isAlive", fault: "powerCut", nth: 29, isAfter: false },
        { effect: "registry.flush", fault: "die", nth: 0, isAfter: false },
      ],
    },
  },
  {
    name: "a service that was passed on, and that a later component needs",
    schedule: {
      seed: 1001124,
      services: [
        {
          name: "Books",
          dependsOn: ["Ledger"],
          startType: "disabled",
          runs: false,
          delayedStart: false,
          onStop: "obeys",
          onStart: "obeys",
          watchdogMs: 0,
        },
        {
          name: "Ledger",
          dependsOn: [],
          startType: "automatic",
          runs: true,
          delayedStart: false,
          onStop: "obeys",
          onStart: "refuses",
          watchdogMs: 0,
        },
        {
          name: "Shared",
          dependsOn: [],
          startType: "automatic",
          runs: true,
          delayedStart: true,
          onStop: "obeys",
          onStart: "obeys",
          watchdogMs: 0,
        },
      ],
      addins: [
        {
          services: ["Ledger", "Shared"],
          onAbandonedRestore: "keepStopped",
          onPreRestoreFailure: "startServices",
        },
        {
          services: ["Shared"],
          onAbandonedRestore: "startServices",
          onPreRestoreFailure: "startServices",
        },
      ],
      clients: [
        {
          addin: 0,
          isKnown: true,
          startMs: 5427,
          steps: [
            { call: "preRestore", component: 1, handler: "fails", pauseMs: 20 },
            { call: "preRestore", component: 2, handler: "works", pauseMs: 160 },
          ],
        },
        {
          addin: 1,
          isKnown: true,
          startMs: 2136,
          steps: [{ call: "preRestore", component: 1, handler: "hangs", pauseMs: 320 }],
        },
      ],
      deeds: [],
      faults: [],
    },
  },
  {
    name: "a start type that another add-in had changed",
    schedule: {
      seed: 1000389,
      services: [
        {
          name: "Books",
          dependsOn: ["Ledger"],
          startType: "automatic",
          runs: true,
          delayedStart: false,
          onStop: "obeys",
          onStart: "obeys",
          watchdogMs: 0,
        },
        {
          name: "Ledger",
          dependsOn: [],
          startType: "automatic",
          runs: true,
          delayedStart: false,
          onStop: "obeys",
          onStart: "obeys",
          watchdogMs: 0,
        },
        {
          name: "Shared",
          dependsOn: [],
          startType: "automatic",
          runs: true,
          delayedStart: false,
          onStop: "obeys",
          onStart: "obeys",
          watchdogMs: 0,
        },
      ],
      addins: [
        {
          services: ["Ledger", "Shared"],
          onAbandonedRestore: "keepStopped",
          onPreRestoreFailure: "startServices",
        },
        {
          services: ["Shared"],
          onAbandonedRestore: "keepStopped",
          onPreRestoreFailure: "startServices",
        },
      ],
      clients: [
        {
          addin: 0,
          isKnown: true,
          startMs: 4720,
          steps: [
            { call: "preRestore", component: 0, handler: "works", pauseMs: 40 },
            { call: "postRestore", component: 0, handler: "works", pauseMs: 160 },
          ],
        },
        {
          addin: 1,
          isKnown: true,
          startMs: 2483,
          steps: [{ call: "preRestore", component: 1, handler: "hangs", pauseMs: 1280 }],
        },
      ],
      deeds: [],
      faults: [{ effect: "service.startType", fault: "hang", nth: 0, isAfter: true }],
    },
  },
  {
    name: "a service that was disabled after another call had listed it",
    schedule: {
      seed: 1001048,
      services: [
        {
          name: "Books",
          dependsOn: ["Ledger"],
          startType: "automatic",
          runs: true,
          delayedStart: false,
          onStop: "obeys",
          onStart: "obeys",
          watchdogMs: 0,
        },
        {
          name: "Ledger",
          dependsOn: [],
          startType: "automatic",
          runs: true,
          delayedStart: true,
          onStop: "obeys",
          onStart: "obeys",
          watchdogMs: 0,
        },
        {
          name: "Shared",
          dependsOn: [],
          startType: "automatic",
          runs: true,
          delayedStart: false,
          onStop: "obeys",
          onStart: "obeys",
          watchdogMs: 0,
        },
      ],
      addins: [
        {
          services: ["Ledger", "Shared"],
          onAbandonedRestore: "keepStopped",
          onPreRestoreFailure: "startServices",
        },
        {
          services: ["Shared"],
          onAbandonedRestore: "keepStopped",
          onPreRestoreFailure: "startServices",
        },
      ],
      clients: [
        {
          addin: 0,
          isKnown: true,
          startMs: 4587,
          steps: [
            { call: "preRestore", component: 1, handler: "works", pauseMs: 1280 },
            { call: "preRestore", component: 2, handler: "works", pauseMs: 5120 },
          ],
        },
        {
          addin: 0,
          isKnown: false,
          startMs: 104,
          steps: [{ call: "preRestore", component: 1, handler: "works", pauseMs: 5120 }],
        },
      ],
      deeds: [
        { atMs: 9798, kind: "recover --start --force", addin: 1, service: 2 },
        { atMs: 5355, kind: "disable service", addin: 1, service: 0 },
      ],
      faults: [{ effect: "disk.identity", fault: "hang", nth: 0, isAfter: true }],
    },
  },
  {
    name: "a service that was started, and that another add-in stopped since",
    schedule: {
      seed: 2000084,
      services: [
        {
          name: "Books",
          dependsOn: ["Ledger"],
          startType: "automatic",
          runs: true,
          delayedStart: false,
          onStop: "obeys",
          onStart: "obeys",
          watchdogMs: 0,
        },
        {
          name: "Ledger",
          dependsOn: [],
          startType: "automatic",
          runs: true,
          delayedStart: false,
          onStop: "obeys",
          onStart: "fails",
          watchdogMs: 0,
        },
        {
          name: "Shared",
          dependsOn: [],
          startType: "automatic",
          runs: true,
          delayedStart: false,
          onStop: "obeys",
          onStart: "obeys",
          watchdogMs: 0,
        },
      ],
      addins: [
        {
          services: ["Ledger", "Shared"],
          onAbandonedRestore: "keepStopped",
          onPreRestoreFailure: "startServices",
        },
        {
          services: ["Shared"],
          onAbandonedRestore: "startServices",
          onPreRestoreFailure: "startServices",
        },
      ],
      clients: [
        {
          addin: 0,
          isKnown: true,
          startMs: 1919,
          steps: [{ call: "preRestore", component: 0, handler: "works", pauseMs: 2560 }],
        },
        {
          addin: 0,
          isKnown: true,
          startMs: 1804,
          steps: [
            { call: "preRestore", component: 1, handler: "works", pauseMs: 160 },
            { call: "postRestore", component: 1, handler: "works", pauseMs: 20 },
          ],
        },
        {
          addin: 1,
          isKnown: true,
          startMs: 1306,
          steps: [{ call: "preRestore", component: 2, handler: "hangs", pauseMs: 2560 }],
        },
      ],
      deeds: [],
      faults: [],
    },
  },
  {
    name: "a service that was passed to a session that had stopped nothing",
    schedule: {
      seed: 2001645,
      services: [
        {
          name: "Books",
          dependsOn: ["Ledger"],
          startType: "automatic",
          runs: true,
          delayedStart: false,
          onStop: "obeys",
          onStart: "obeys",
          watchdogMs: 0,
        },
        {
          name: "Ledger",
          dependsOn: [],
          startType: "automatic",
          runs: true,
          delayedStart: true,
          onStop: "obeys",
          onStart: "obeys",
          watchdogMs: 0,
        },
        {
          name: "Shared",
          dependsOn: [],
          startType: "automatic",
          runs: true,
          delayedStart: true,
          onStop: "hangs",
          onStart: "obeys",
          watchdogMs: 0,
        },
      ],
      addins: [
        {
          services: ["Ledger", "Shared"],
          onAbandonedRestore: "keepStopped",
          onPreRestoreFailure: "startServices",
        },
        {
          services: ["Shared"],
          onAbandonedRestore: "keepStopped",
          onPreRestoreFailure: "startServices",
        },
      ],
      clients: [
        {
          addin: 0,
          isKnown: true,
          startMs: 4364,
          steps: [{ call: "preRestore", component: 0, handler: "works", pauseMs: 160 }],
        },
        {
          addin: 1,
          isKnown: true,
          startMs: 3866,
          steps: [{ call: "preRestore", component: 0, handler: "works", pauseMs: 640 }],
        },
      ],
      deeds: [{ atMs: 7904, kind: "restart machine", addin: 0, service: 0 }],
      faults: [],
    },
  },
];
