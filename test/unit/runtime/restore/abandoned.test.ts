import { describe, expect, it } from "vitest";

import type { ProcessIdentity } from "../../../../src/base/process-identity.ts";
import {
  abandonAll,
  abandonLost,
  abandonUnknown,
  dueOf,
  isFinishing,
} from "../../../../src/runtime/restore/abandoned.ts";
import type { ComponentProgress } from "../../../../src/runtime/restore/journal/step.ts";
import { FakeProcesses } from "../../../helpers/fakes/session-bed.ts";
import { sessionWith } from "../../../helpers/session-with.ts";

const processes = new FakeProcesses();
const server = processes.identity(1);
const client = processes.identity(2);
const gone = processes.identity(3);
processes.end(gone.pid);

function component(progress: Partial<ComponentProgress> = {}): ComponentProgress {
  return {
    componentName: "Accounts",
    logicalPath: "Ledger",
    client,
    phase: "prepared",
    ...progress,
  };
}

/** The phases of a session's components after changes. */
function phasesAfter(
  components: readonly ComponentProgress[],
  giveUp: typeof abandonAll,
): readonly string[] {
  const session = sessionWith({ server, components });
  return session.with(giveUp(session)).components.all.map(({ phase }) => phase);
}

describe("a component that nobody will finish", () => {
  it.each([
    ["was prepared", { phase: "prepared" }, "abandoned"],
    ["is being prepared", { phase: "preparing" }, "finished"],
    ["is being prepared again", { phase: "preparing", mayBeOverwritten: true }, "abandoned"],
    ["failed and keeps the services stopped", { phase: "left" }, "finished"],
  ] as const)("that %s may be half restored or is untouched", (_, progress, phase) => {
    const lost = component({ ...progress, client: gone });
    expect(phasesAfter([lost], (session) => abandonLost(session, processes))).toEqual([phase]);
    expect(phasesAfter([lost], abandonAll)).toEqual([phase]);
    const unknown = component({ ...progress, client: null });
    expect(phasesAfter([unknown], abandonUnknown)).toEqual([phase]);
  });

  it("is never one of a client that runs", () => {
    const one = component();
    expect(phasesAfter([one], (session) => abandonLost(session, processes))).toEqual(["prepared"]);
    expect(phasesAfter([one], abandonUnknown)).toEqual(["prepared"]);
  });

  it("is one whose server ended during its PreRestore, and no other of that client", () => {
    const session = sessionWith({
      server: gone,
      components: [
        component({ componentName: "A", phase: "preparing" }),
        component({ componentName: "B", phase: "prepared" }),
        component({ componentName: "C", phase: "left" }),
      ],
    });
    const given = session.with(abandonLost(session, processes));
    expect(given.components.all.map(({ phase }) => phase)).toEqual([
      "finished",
      "prepared",
      "left",
    ]);
  });

  it("costs one question for each process, and none when nobody is waited for", () => {
    const asked: number[] = [];
    const living = {
      isAlive: ({ pid }: ProcessIdentity) => {
        asked.push(pid);
        return true;
      },
    };
    const names = ["A", "B", "C"];
    const components = names.map((componentName) => component({ componentName }));
    abandonLost(sessionWith({ server, components }), living);
    expect(asked).toEqual([server.pid, client.pid]);
    asked.length = 0;
    abandonLost(sessionWith({ server, components: [component({ phase: "finished" })] }), living);
    expect(asked).toEqual([]);
  });
});

describe("what is due in a session", () => {
  const abandoned = component({ phase: "abandoned" });
  const finished = component({ phase: "finished" });

  it("waits while somebody may still finish a component", () => {
    const other = component({ componentName: "Archive" });
    expect(dueOf(sessionWith({ server, components: [abandoned, other] }))).toBe("wait");
  });

  it("starts what no half-restored file needs stopped", () => {
    expect(dueOf(sessionWith({ server, components: [finished] }))).toBe("start");
    expect(dueOf(sessionWith({ server }))).toBe("start");
  });

  it.each(["opened", "stopping", "open", "abandoned"] as const)(
    "keeps services stopped over half-restored files in the phase %s",
    (phase) => {
      const session = sessionWith({ server, components: [abandoned], phase });
      expect(dueOf(session)).toBe("keepStopped");
    },
  );

  it.each(["starting", "started"] as const)("goes on with a start in the phase %s", (phase) => {
    expect(dueOf(sessionWith({ server, components: [abandoned], phase }))).toBe("start");
  });

  it("starts on any files when the manifest chose that", () => {
    const settings = { onAbandonedRestore: "startServices" } as const;
    expect(dueOf(sessionWith({ server, components: [abandoned], settings }))).toBe("start");
  });

  it("keeps services stopped when the journal is damaged, whatever it says", () => {
    const settings = { onAbandonedRestore: "startServices" } as const;
    const damage = "the journal is damaged";
    expect(dueOf(sessionWith({ server, settings, damage, phase: "started" }))).toBe("keepStopped");
  });
});

describe("a server", () => {
  const finished = component({ phase: "finished" });

  it("finishes a session whose services run, while it lives", () => {
    const session = sessionWith({ server, components: [finished], phase: "started" });
    expect(isFinishing(session, processes)).toBe(true);
  });

  it("does not when another process has started them", () => {
    const session = sessionWith({ server, components: [finished] });
    session.change({ type: "phase", phase: "started" });
    expect(isFinishing(session, processes)).toBe(false);
  });

  it.each([
    ["it has ended", { server: gone, phase: "started" }],
    ["services do not run yet", { phase: "starting" }],
    ["another component came", { phase: "started", components: [component()] }],
  ] as const)("does not when %s", (_, session) => {
    const { components = [finished], ...rest } = { components: undefined, ...session };
    expect(isFinishing(sessionWith({ server, components, ...rest }), processes)).toBe(false);
  });
});
