import { mkdirSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { guard, recoverAtBoot } from "../../../../src/runtime/addin/guard.ts";
import { openSessionParts } from "../../../../src/runtime/addin/session-parts.ts";
import type { AddinManifest } from "../../../../src/runtime/manifest/manifest.ts";
import type { NativeBinding } from "../../../../src/runtime/native/binding.ts";
import { noHooks } from "../../../helpers/fakes/no-hooks.ts";
import { createRestoreSession } from "../../../../src/runtime/restore/session.ts";
import { createFakeBinding } from "../../../helpers/fakes/fake-binding.ts";
import { FakeServices } from "../../../helpers/fakes/fake-services.ts";
import { settingsWith } from "../../../helpers/fakes/session-bed.ts";
import { APP_ID, CLSID, manifestWith } from "../../../helpers/manifest.ts";
import { useProgramData } from "../../../helpers/program-data.ts";

const manifest: AddinManifest = {
  ...manifestWith({ services: ["Ledger"] }),
  addin: { clsid: CLSID, appId: APP_ID },
};
const restoring = {
  component: { componentName: "Accounts", logicalPath: "Ledger" },
  client: { pid: 4, startedAt: "1", image: "C:\\client.exe" },
};

useProgramData();

interface Machine {
  readonly api: NativeBinding;
  readonly services: FakeServices;
  /** Processes that run, by id. */
  readonly running: Set<number>;
}

/** A machine whose add-in has stopped its service for one component. */
async function restoringMachine({
  isPrepared,
}: {
  readonly isPrepared: boolean;
}): Promise<Machine> {
  const services = new FakeServices({ name: "Ledger" });
  const running = new Set([process.pid, restoring.client.pid]);
  const api = createFakeBinding({
    services,
    createProtectedFolder: (path) => void mkdirSync(path, { recursive: true }),
    processInfo: (pid) => (running.has(pid) ? { pid, startedAt: "1", image: "C:\\x.exe" } : null),
  });
  const server = { pid: process.pid, startedAt: "1", image: "C:\\x.exe" };
  const session = createRestoreSession({
    ...openSessionParts({ api, manifest, role: "server", server }),
    clsid: CLSID,
    settings: settingsWith(),
    hooks: noHooks,
    server,
    ensureGuardian: async () => {},
    isGuardianToDecide: true,
  });
  await session.enter({ ...restoring, noRollForward: false }, new AbortController().signal);
  if (isPrepared) await session.prepared(restoring);
  return { api, services, running };
}

describe("the start-up task", () => {
  it("starts nothing under a client that runs: it forces nothing", async () => {
    const { api, services } = await restoringMachine({ isPrepared: false });
    await expect(recoverAtBoot(api, manifest)).resolves.toBe(0);
    expect(services.state("Ledger")).toBe("STOPPED");
  });

  it("starts the services of a session that nobody will finish", async () => {
    const { api, services, running } = await restoringMachine({ isPrepared: false });
    running.delete(restoring.client.pid);
    await expect(recoverAtBoot(api, manifest)).resolves.toBe(0);
    expect(services.state("Ledger")).toBe("RUNNING");
    await expect(recoverAtBoot(api, manifest)).resolves.toBe(0);
  });

  it("fails while services stay stopped over half-restored files, or do not start", async () => {
    const { api, services, running } = await restoringMachine({ isPrepared: true });
    running.delete(restoring.client.pid);
    await expect(recoverAtBoot(api, manifest)).resolves.toBe(1);
    expect(services.state("Ledger")).toBe("STOPPED");
  });

  it("fails when a service does not start", async () => {
    const { api, services, running } = await restoringMachine({ isPrepared: false });
    running.delete(restoring.client.pid);
    services.change("Ledger", { startType: "disabled" });
    await expect(recoverAtBoot(api, manifest)).resolves.toBe(1);
  });
});

describe("the process of a guardian", () => {
  it("ends with the session", async () => {
    const { api, services, running } = await restoringMachine({ isPrepared: false });
    running.delete(restoring.client.pid);
    await expect(guard(api, manifest)).resolves.toBe(0);
    expect(services.state("Ledger")).toBe("RUNNING");
  });
});
