import type { AddinEvent, EventLine, EventRole } from "../../src/runtime/events/definitions.ts";

/** The start time of the events in tests. */
export const ORIGIN_MS: number = Date.UTC(2025, 7, 1, 1, 3, 12);

/** Returns a line of an event file, `offsetMs` after {@link ORIGIN_MS}. */
export function lineAt(
  offsetMs: number,
  event: AddinEvent,
  from: { readonly pid?: number; readonly role?: EventRole; readonly sessionId?: string } = {},
): EventLine {
  const time = new Date(ORIGIN_MS + offsetMs).toISOString();
  return { schemaVersion: 1, time, pid: 10, role: "server", ...from, ...event };
}

const session = { sessionId: "s1" };
const guardian = { sessionId: "s1", pid: 20, role: "guardian" } as const;
const ACCOUNTS = "Ledger\\Accounts";
const ARCHIVE = "Ledger\\Archive";

/** The events of a restore of two components and a service, with an hour of copying. */
export const restoreLines: readonly EventLine[] = [
  lineAt(0, { event: "serverStarted" }),
  lineAt(100, { event: "callReceived", id: 1, method: "orderComponents", clientPid: 900 }),
  lineAt(109, {
    event: "callAnswered",
    id: 1,
    method: "orderComponents",
    durationMs: 9,
    hresult: 0,
  }),
  lineAt(200, { event: "callReceived", id: 2, method: "preRestore", component: ACCOUNTS }),
  lineAt(
    205,
    {
      event: "sessionOpened",
      clientPid: 900,
      clientImage: "C:\\Windows\\System32\\wbengine.exe",
      services: ["Ledger"],
    },
    session,
  ),
  lineAt(210, { event: "serviceStopping", service: "Ledger" }, session),
  lineAt(1210, { event: "serviceStopped", service: "Ledger", durationMs: 1000 }, session),
  lineAt(1300, { event: "message", level: "warn", text: "preRestore: slow" }, session),
  lineAt(
    1400,
    {
      event: "callAnswered",
      id: 2,
      method: "preRestore",
      component: ACCOUNTS,
      durationMs: 1200,
      hresult: 0,
    },
    session,
  ),
  lineAt(
    3_600_000,
    { event: "callReceived", id: 3, method: "postRestore", component: ACCOUNTS },
    session,
  ),
  lineAt(3_600_100, { event: "serviceStarting", service: "Ledger" }, session),
  lineAt(3_602_100, { event: "serviceStarted", service: "Ledger", durationMs: 2000 }, session),
  lineAt(3_602_110, { event: "sessionClosed", outcome: "completed", leftStopped: [] }, session),
  lineAt(3_602_120, {
    event: "callAnswered",
    id: 3,
    method: "postRestore",
    component: ACCOUNTS,
    durationMs: 2120,
    hresult: 0,
  }),
  lineAt(3_607_120, { event: "serverStopped" }),
];

/**
 * The events of a server that is killed in a call, and of a guardian that cannot start the service.
 */
export const abandonedLines: readonly EventLine[] = [
  lineAt(0, { event: "serverStarted" }),
  lineAt(10, { event: "callReceived", id: 1, method: "preRestore", component: ACCOUNTS }, session),
  lineAt(15, { event: "sessionOpened", services: ["Ledger"] }, session),
  lineAt(20, { event: "serviceStopping", service: "Ledger" }, session),
  lineAt(120, { event: "serviceStopped", service: "Ledger", durationMs: 100 }, session),
  lineAt(
    200,
    {
      event: "handlerFailed",
      id: 1,
      method: "preRestore",
      component: ACCOUNTS,
      code: "Error",
      hresult: 0x807a0002,
      text: "Books are open.",
    },
    session,
  ),
  lineAt(
    205,
    {
      event: "callAnswered",
      id: 1,
      method: "preRestore",
      component: ACCOUNTS,
      durationMs: 195,
      hresult: 0x807a0002,
    },
    session,
  ),
  lineAt(400, { event: "callReceived", id: 2, method: "preRestore", component: ARCHIVE }, session),
  lineAt(450, { event: "message", level: "info", text: "preRestore: last words" }, session),
  lineAt(900, { event: "serverLost", serverPid: 10 }, guardian),
  lineAt(1000, { event: "serviceStarting", service: "Ledger" }, guardian),
  lineAt(
    3000,
    {
      event: "serviceFailed",
      service: "Ledger",
      wanted: "RUNNING",
      state: "START_PENDING",
      text: "Still START_PENDING.",
    },
    guardian,
  ),
  lineAt(3010, { event: "sessionClosed", outcome: "abandoned", leftStopped: ["Ledger"] }, guardian),
];
