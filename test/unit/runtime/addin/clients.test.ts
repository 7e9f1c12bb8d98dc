import type { ProcessIdentity } from "../../../../src/base/process-identity.ts";
import { expect, it, vi } from "vitest";

import { clientsOn } from "../../../../src/runtime/addin/clients.ts";

/** Processes in memory whose ids are reused, like on Windows when nobody watches them. */
class Machine {
  looks = 0;
  readonly #running = new Map<number, ProcessIdentity>();
  readonly #watches = new Map<string, () => void>();

  start(pid: number, startedAt: string): void {
    this.#running.set(pid, { pid, startedAt, image: `C:\\${startedAt}.exe` });
  }

  async end(pid: number): Promise<void> {
    const { startedAt } = this.#running.get(pid) ?? {};
    this.#running.delete(pid);
    this.#watches.get(`${pid} ${startedAt}`)?.();
    await Promise.resolve();
  }

  readonly processInfo = (pid: number): ProcessIdentity | null => {
    this.looks += 1;
    return this.#running.get(pid) ?? null;
  };

  readonly waitForProcessExit = (pid: number, startedAt: string) => {
    const hasGone = this.#running.get(pid)?.startedAt !== startedAt;
    const exited = hasGone
      ? Promise.resolve()
      : new Promise<void>((resolve) => this.#watches.set(`${pid} ${startedAt}`, resolve));
    return { exited, close: () => {} };
  };
}

it("looks up a client only at its first call", () => {
  const machine = new Machine();
  machine.start(7, "early");
  const clients = clientsOn(machine);
  const identity = clients.identify(7);
  expect(identity).toEqual({ pid: 7, startedAt: "early", image: "C:\\early.exe" });
  expect(clients.identify(7)).toBe(identity);
  expect(machine.looks).toBe(1);
});

it("distinguishes a later process with the same id from the ended one", async () => {
  const machine = new Machine();
  machine.start(7, "early");
  const clients = clientsOn(machine);
  clients.identify(7);
  await machine.end(7);
  machine.start(7, "late");
  expect(clients.identify(7)).toMatchObject({ startedAt: "late" });
});

it("calls every waiting callback at a client's exit, but none that was removed", async () => {
  const machine = new Machine();
  machine.start(7, "early");
  const clients = clientsOn(machine);
  const client = clients.identify(7);
  if (client === null) throw new Error("no client");
  const [one, two, none] = [vi.fn<() => void>(), vi.fn<() => void>(), vi.fn<() => void>()];
  clients.onExit(client, one);
  clients.onExit(client, two);
  clients.onExit(client, none)();
  await machine.end(7);
  expect([one, two, none].map(({ mock }) => mock.calls.length)).toEqual([1, 1, 0]);
});

it("calls back at once when a client ended before it was watched", async () => {
  const machine = new Machine();
  const clients = clientsOn(machine);
  const callback = vi.fn<() => void>();
  clients.onExit({ pid: 7, startedAt: "early", image: "C:\\early.exe" }, callback);
  await Promise.resolve();
  expect(callback).toHaveBeenCalledOnce();
});

it("returns null when Windows cannot identify the caller", () => {
  expect(clientsOn(new Machine()).identify(0)).toBeNull();
});
