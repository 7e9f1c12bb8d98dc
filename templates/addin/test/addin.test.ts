import { expect, test } from "vitest";
import { parseWriterMetadata, type ConsistencyContext, type RestoreRequest } from "wsb-addin";
import addin from "../src/addin.ts";

const { handlers } = addin;

const writerMetadata = "<WRITER_METADATA/>";

const request: RestoreRequest = {
  componentName: "ledger",
  logicalPath: "main",
  writerMetadata,
  metadata: () => parseWriterMetadata(writerMetadata),
  noRollForward: false,
};

function recordLog(): { context: ConsistencyContext; lines: string[] } {
  const lines: string[] = [];
  const record = (message: string): void => {
    lines.push(message);
  };
  const { signal } = new AbortController();
  const context: ConsistencyContext = {
    signal,
    log: { info: record, warn: record },
    progress: (update) => record(String(update)),
    runChecker: async () => ({ exitCode: 0, output: "" }),
  };
  return { context, lines };
}

test("the add-in handles every call of a restore and of a backup", () => {
  expect(Object.keys(handlers).toSorted()).toEqual([
    "checkConsistency",
    "isRollForwardSupported",
    "orderComponents",
    "postRestore",
    "preRestore",
  ]);
});

test("preRestore and postRestore log the component, in that order", async () => {
  const { context, lines } = recordLog();
  await handlers.preRestore?.(request, context);
  await handlers.postRestore?.(request, context);
  expect(lines).toEqual(["About to restore component ledger", "Restored component ledger"]);
});

test("a component without a name is logged as such", async () => {
  const { context, lines } = recordLog();
  await handlers.preRestore?.({ ...request, componentName: null }, context);
  await handlers.postRestore?.({ ...request, componentName: null }, context);
  expect(lines).toEqual([
    "About to restore component without a name",
    "Restored component without a name",
  ]);
});

test("orderComponents leaves the order to Windows Server Backup", async () => {
  const { context } = recordLog();
  const components = [request, { componentName: "archive", logicalPath: null }];
  expect(await handlers.orderComponents?.({ components }, context)).toBeNull();
});

test("isRollForwardSupported says no", async () => {
  const { context } = recordLog();
  expect(await handlers.isRollForwardSupported?.(context)).toBe(false);
});

test("checkConsistency says at once that no check is needed", () => {
  const { context } = recordLog();
  const volumes = [
    {
      source: "\\\\?\\Volume{5b2f7a3c-0000-0000-0000-100000000000}\\",
      snapshot: "\\\\?\\Volume{c1d5e0aa-0000-0000-0000-100000000000}\\",
    },
  ];
  expect(handlers.checkConsistency?.({ ...request, volumes }, context)).toBeNull();
});
