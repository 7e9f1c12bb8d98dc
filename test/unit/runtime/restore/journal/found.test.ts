import { describe, expect, it } from "vitest";

import type { LogContents } from "../../../../../src/base/durable-log/scan.ts";
import {
  judge,
  type Found,
  type Stored,
} from "../../../../../src/runtime/restore/journal/found.ts";
import { owedNames } from "../../../../../src/runtime/restore/journal/session.ts";
import type {
  Change,
  ComponentPhase,
  JournalService,
} from "../../../../../src/runtime/restore/journal/step.ts";
import { settingsWith } from "../../../../helpers/fakes/session-bed.ts";
import { journalService as service, opened, server } from "../../../../helpers/journal-parts.ts";
import { CLSID } from "../../../../helpers/manifest.ts";

function services(...all: readonly JournalService[]): Change {
  return { type: "services", services: all };
}

function component(componentName: string, phase: ComponentPhase): Change {
  return { type: "component", componentName, logicalPath: null, client: server, phase };
}

const open: Change = { type: "phase", phase: "open" };
const ended: Change = { type: "ended", outcome: "completed" };

function records(...steps: readonly (readonly Change[])[]): readonly unknown[] {
  return steps.map((changes) => ({ at: "2026-01-01T00:00:00.000Z", changes }));
}

function whole(...steps: readonly (readonly Change[])[]): LogContents {
  return { records: records(...steps), end: "whole", salvaged: [] };
}

function markOf(sessionId: string, ...names: readonly string[]): Stored["mark"] {
  const marked = names.map((name) => ({
    name,
    startTypeBefore: "manual" as const,
    delayedStartBefore: true,
  }));
  return { sessionId, services: marked };
}

function judged(mark: Stored["mark"], contents: LogContents | undefined): Found {
  return judge({ clsid: CLSID, mark, contents, settings: settingsWith({ services: ["Own"] }) });
}

/** What is owed by what was found, and why it is damaged. */
function owed(found: Found): readonly unknown[] {
  if (!("session" in found)) return [found.kind];
  return [found.kind, found.session.damage, ...owedNames(found.session)];
}

/** A journal that is damaged behind its first records. */
const damagedBehind: LogContents = {
  records: records([
    opened(),
    services(
      service("B"),
      service("C", { phase: "listed" }),
      service("D", { phase: "started" }),
      service("E", { phase: "gone" }),
    ),
  ]),
  end: "damaged",
  salvaged: [
    ...records([
      open,
      component("A", "prepared"),
      services(service("F"), service("G", { phase: "passed" }), service("H", { phase: "listed" })),
    ]),
    { at: "never" },
  ],
};

describe("journal and mark together", () => {
  it.each([
    ["neither", undefined, undefined, "none"],
    ["a journal that has ended", undefined, whole([opened()], [ended]), "none"],
    ["a journal of another add-in", undefined, whole([opened("one", "{X}"), open]), "none"],
    ["a journal that nothing was stopped for", undefined, whole([opened()]), "remainder"],
    ["a journal that came back", undefined, whole([opened(), open]), "unmarked"],
    ["both", markOf("one"), whole([opened()], [open]), "open"],
    ["both, at the beginning", markOf("one"), whole([opened()]), "open"],
    ["a mark that was left", markOf("one"), whole([opened(), open], [ended]), "remainder"],
  ] as const)("say: %s", (_, mark, contents, kind) => {
    expect(judged(mark, contents).kind).toBe(kind);
  });

  it("do not obey a damaged journal without a mark, and do not take it for a remainder", () => {
    const contents = { ...whole([opened()]), end: "damaged" } as const;
    expect(judged(undefined, contents).kind).toBe("unmarked");
    const unknown = { ...whole([opened()]), records: [...records([opened()]), { at: 1 }] };
    expect(judged(undefined, unknown).kind).toBe("unmarked");
  });

  it("obey a journal whose last record was torn", () => {
    const contents = { ...whole([opened(), open]), end: "torn" } as const;
    expect(judged(markOf("one"), contents).kind).toBe("open");
  });

  it.each([
    ["missing", markOf("one", "A"), undefined, "the journal is missing", ["A"]],
    [
      "of another session",
      markOf("two", "A"),
      whole([opened(), services(service("B")), open]),
      "the journal belongs to another session",
      ["A"],
    ],
    [
      "of another add-in",
      markOf("one", "A"),
      whole([opened("one", "{X}"), services(service("B")), open]),
      "the journal is damaged",
      ["A"],
    ],
    [
      "damaged behind its first records, where the mark names what is owed",
      markOf("one", "A", "B"),
      damagedBehind,
      "the journal is damaged",
      ["B", "A"],
    ],
    [
      "damaged behind its first records, and so is the mark",
      "unreadable",
      damagedBehind,
      "the mark of the session in the registry cannot be read",
      ["B", "C", "F", "H"],
    ],
    [
      "with a record of another version",
      markOf("one", "B"),
      {
        records: [...records([opened(), services(service("B")), open]), {}],
        end: "whole",
        salvaged: [],
      },
      "the journal is damaged",
      ["B"],
    ],
    [
      "whole, and the mark is not",
      "unreadable",
      whole([opened(), services(service("B")), open]),
      "the mark of the session in the registry cannot be read",
      ["B"],
    ],
    [
      "missing, and the mark is damaged",
      "unreadable",
      undefined,
      "the mark of the session in the registry cannot be read",
      ["Own"],
    ],
  ] as const)(
    "tell what may be owed of a journal that is %s",
    (_, mark, contents, damage, names) => {
      const found = judged(mark, contents);
      const [kind, why, ...all] = owed(found);
      expect([kind, why]).toEqual(["damaged", damage]);
      // The order in which they were listed; they start the other way round.
      expect(all.toReversed()).toEqual(names);
    },
  );

  it("owe a service once, as the journal knows it, whatever the case of its name", () => {
    const contents = {
      ...whole([opened(), services(service("LEDGER")), open]),
      end: "damaged",
    } as const;
    const found = judged(markOf("one", "Ledger"), contents);
    expect("session" in found && found.session.services).toMatchObject([
      { name: "LEDGER", startTypeBefore: "automatic", delayedStartBefore: false },
    ]);
  });

  it("owe again what the mark still names, though the journal says that it runs", () => {
    const contents = whole([
      opened(),
      services(service("A", { phase: "started" }), service("B", { phase: "started" })),
      { type: "phase", phase: "started" },
    ]);
    expect(owed(judged(markOf("one", "a"), contents))).toEqual(["open", undefined, "A"]);
  });

  it("remember of the mark how a service started before", () => {
    const found = judged(markOf("one", "Ledger"), undefined);
    expect("session" in found && found.session).toMatchObject({ sessionId: "one", clsid: CLSID });
    expect("session" in found && found.session.services).toEqual([
      service("Ledger", { startTypeBefore: "manual", delayedStartBefore: true }),
    ]);
  });

  it("know nothing of how the services of the manifest started", () => {
    const found = judged("unreadable", undefined);
    expect("session" in found && found.session.services).toEqual([
      service("Own", { startTypeBefore: "manual" }),
    ]);
  });

  it("give up each component that the journal does not tell for sure to be finished", () => {
    const contents: LogContents = {
      records: records(
        [opened(), open],
        [
          component("A", "preparing"),
          component("B", "prepared"),
          component("C", "finished"),
          component("D", "abandoned"),
          component("E", "left"),
        ],
      ),
      end: "damaged",
      salvaged: [],
    };
    const found = judged(markOf("one"), contents);
    const given = "session" in found ? found.session.components.abandoned : [];
    expect(new Set(given.map((one) => one.componentName))).toEqual(new Set(["A", "B", "D", "E"]));
  });

  it("leaves a service that runs again as it is, though the journal is damaged", () => {
    const found = judged(markOf("one", "A"), {
      ...whole([
        opened(),
        services(
          service("A"),
          service("B", { phase: "started" }),
          service("C", { phase: "listed" }),
        ),
        open,
      ]),
      end: "damaged",
    });
    expect(found.kind === "damaged" && found.session.services).toMatchObject([
      { name: "A", phase: "stopping" },
      { name: "B", phase: "started" },
      { name: "C", phase: "listed" },
    ]);
  });
});
