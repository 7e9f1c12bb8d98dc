import { beforeEach, describe, expect, it } from "vitest";

import type { Manifest } from "../../../../src/runtime/manifest/manifest.ts";
import type { DeclaredWriter } from "../../../../src/runtime/manifest/writer.ts";
import { assertNoConflict, findConflicts } from "../../../../src/tools/registration/conflicts.ts";
import {
  applyRegistration,
  inspectRegistration,
  ownedBy,
  planRemoval,
  recoverRegistration,
  removeRegistration,
  type ApplyOptions,
} from "../../../../src/tools/registration/register.ts";
import { planDeclared, type DeclaredPlan } from "../../../../src/tools/writer/declared.ts";
import { sameDocument } from "../../../../src/tools/writer/same-document.ts";
import { WRITER_ID, manifestWith } from "../../../helpers/manifest.ts";
import type { ExpressChange } from "../../../helpers/fakes/fake-express-writers.ts";
import { failAt, killAt } from "../../../helpers/fakes/faulty-store.ts";
import { fakeMachine, planOf, type FakeMachine } from "../../../helpers/fakes/registration.ts";

function writerWith(name: string): DeclaredWriter {
  return {
    kind: "declared",
    components: [
      {
        name,
        selectable: true,
        selectableForRestore: true,
        files: [{ path: "C:\\Ledger", filespec: "*", recursive: true }],
        dependencies: [],
      },
    ],
    backupSchema: ["copy"],
    restoreMethod: "restoreIfCanReplace",
    exclude: [],
  };
}

function declare(name: string): DeclaredPlan {
  const plan = planDeclared(manifestWith({ writer: writerWith(name) }));
  if (plan === null) throw new Error("not declared");
  return plan;
}

const ledger = declare("Ledger");
const books = declare("Books");
const foreign = declare("Fabrikam").document;
const plan = planOf();

let machine: FakeMachine;

function apply(
  declared: DeclaredPlan | null,
  options: ApplyOptions = {},
): ReturnType<typeof applyRegistration> {
  return applyRegistration(machine, WRITER_ID, plan, { declared, ...options });
}

function stored(): string | null {
  return machine.writers.read(WRITER_ID);
}

function killedAt(change: ExpressChange, work: () => Promise<unknown>): Promise<void> {
  return killAt({ store: machine.writers, records: machine.records, change }, work);
}

beforeEach(() => {
  machine = fakeMachine();
});

describe("register", () => {
  it("registers the declared writer, and nothing the second time", async () => {
    expect(await apply(ledger)).toEqual({ changed: true, kept: [] });
    expect(sameDocument(stored(), ledger.document)).toBe(true);
    failAt(machine.writers, "register");
    expect(await apply(ledger)).toEqual({ changed: false, kept: [] });
    expect(inspectRegistration(machine, WRITER_ID)).toEqual({
      state: "registered",
      drift: [],
      declaredWriter: "registered",
    });
  });

  it("registers it last, so that no backup contains an application that cannot be restored", async () => {
    let isActivated = false;
    machine.writers.fault = () => {
      expect(isActivated).toBe(true);
      expect(machine.records.read(WRITER_ID)?.state).toBe("registering");
    };
    await apply(ledger, {
      activate: async () => {
        isActivated = true;
      },
    });
    expect(stored()).not.toBeNull();
  });

  it("replaces its own document", async () => {
    await apply(ledger);
    expect((await apply(books)).changed).toBe(true);
    expect(sameDocument(stored(), books.document)).toBe(true);
  });

  it("registers one that somebody has removed", async () => {
    await apply(ledger);
    machine.writers.documents.clear();
    expect((await apply(ledger)).changed).toBe(true);
    expect(sameDocument(stored(), ledger.document)).toBe(true);
  });

  it("removes it when the manifest declares none any more", async () => {
    await apply(ledger);
    expect((await apply(null)).changed).toBe(true);
    expect(stored()).toBeNull();
    expect(ownedBy(machine, WRITER_ID)).not.toHaveProperty("document");
  });

  it("owns a document that says the same, of which the record was lost", async () => {
    machine.writers.documents.set(WRITER_ID, ledger.document);
    expect((await apply(ledger)).changed).toBe(true);
    await removeRegistration(machine, WRITER_ID);
    expect(stored()).toBeNull();
  });

  it("owns one that says the same, though nothing else changes", async () => {
    await apply(null);
    machine.writers.documents.set(WRITER_ID, ledger.document);
    expect((await apply(ledger)).changed).toBe(false);
    await removeRegistration(machine, WRITER_ID);
    expect(stored()).toBeNull();
  });

  it("takes over what an exported file has written, and adds the writer", async () => {
    await apply(null);
    machine.records.texts.clear();
    expect((await apply(ledger)).changed).toBe(true);
    expect(sameDocument(stored(), ledger.document)).toBe(true);
    await removeRegistration(machine, WRITER_ID);
    expect(stored()).toBeNull();
  });

  it("undoes everything when VSS refuses", async () => {
    const before = machine.api.snapshot();
    failAt(machine.writers, "register");
    await expect(apply(ledger)).rejects.toThrow("no register");
    expect(machine.api.snapshot()).toEqual(before);
    expect(stored()).toBeNull();
    expect(machine.records.read(WRITER_ID)).toBeUndefined();
  });

  it("puts the old document back, as it was, when VSS refuses the new one", async () => {
    await apply(ledger);
    const before = stored();
    failAt(machine.writers, "register");
    await expect(apply(books)).rejects.toThrow("no register");
    expect(stored()).toBe(before);
    expect(ownedBy(machine, WRITER_ID)?.document).toBe(ledger.document);
  });

  it("says that it could not put the old document back, and does it later", async () => {
    await apply(ledger);
    machine.writers.fault = (change) => {
      if (change !== "unregister") throw new Error(`no ${change}`);
    };
    await expect(apply(books)).rejects.toMatchObject({ code: "ERR_WSB_UNDO" });
    expect(stored()).toBeNull();
    machine.writers.fault = () => {};
    expect(await recoverRegistration(machine, WRITER_ID)).toBe("registration undone");
    expect(sameDocument(stored(), ledger.document)).toBe(true);
  });

  it("undoes when the store does not show what was registered", async () => {
    const read = machine.writers.read.bind(machine.writers);
    let isRegistered = false;
    machine.writers.fault = () => {
      isRegistered = true;
    };
    machine.writers.read = (id) => {
      const found = read(id);
      return isRegistered && found !== null ? found.replace("Ledger", "Logbook") : found;
    };
    await expect(apply(ledger)).rejects.toMatchObject({ code: "ERR_WSB_WINDOWS_API" });
    expect([...machine.writers.documents]).toEqual([]);
    expect(machine.records.read(WRITER_ID)).toBeUndefined();
  });

  it("undoes one that was killed before it changed anything, without a word", async () => {
    await apply(ledger);
    const before = stored();
    await killedAt("unregister", () => apply(books));
    const kept: string[] = [];
    await recoverRegistration(machine, WRITER_ID, (value) => kept.push(value));
    expect(kept).toEqual([]);
    expect(stored()).toBe(before);
  });

  it("undoes one that was killed between two documents", async () => {
    await apply(ledger);
    await killedAt("register", () => apply(books));
    expect(stored()).toBeNull();
    expect(await recoverRegistration(machine, WRITER_ID)).toBe("registration undone");
    expect(sameDocument(stored(), ledger.document)).toBe(true);
  });
});

function conflicts(fields: Partial<Manifest>): ReturnType<typeof findConflicts> {
  const manifest = manifestWith(fields);
  const owned = ownedBy(machine, WRITER_ID);
  return findConflicts({ ...machine, manifest, plan, service: null, owned });
}

/** Lets another program register its writer at a look, which sees it already, or not yet. */
function intrude(look: number, isSeen: boolean): void {
  const read = machine.writers.read.bind(machine.writers);
  let looks = 0;
  machine.writers.read = (id) => {
    looks += 1;
    const before = read(id);
    if (looks === look) machine.writers.documents.set(id, foreign);
    return isSeen ? read(id) : before;
  };
}

describe("another program's writer", () => {
  it("is a conflict, which only --force accepts", () => {
    machine.writers.documents.set(WRITER_ID, foreign);
    const found = conflicts({ writer: writerWith("Ledger") });
    expect(found).toMatchObject([{ kind: "writer", override: "--force" }]);
    expect(() => assertNoConflict(found, { force: false, update: true })).toThrow(
      expect.objectContaining({ code: "ERR_WSB_CONFLICT" }),
    );
    expect(() => assertNoConflict(found, { force: true, update: false })).not.toThrow();
  });

  it("is none of our business when the manifest declares no writer", () => {
    machine.writers.documents.set(WRITER_ID, foreign);
    expect(conflicts({})).toEqual([]);
  });

  it("is a conflict in place of ours", async () => {
    await apply(ledger);
    machine.writers.documents.set(WRITER_ID, foreign);
    expect(conflicts({ writer: writerWith("Ledger") })).toHaveLength(1);
  });

  it("stays when it was registered between the look and the change", async () => {
    await apply(ledger);
    intrude(2, true);
    await expect(apply(books)).rejects.toMatchObject({ code: "ERR_WSB_CONFLICT" });
    expect(stored()).toBe(foreign);
  });

  it("stays when it was registered after the last look", async () => {
    intrude(2, false);
    await expect(apply(ledger)).rejects.toMatchObject({ code: "ERR_WSB_CONFLICT" });
    expect(stored()).toBe(foreign);
  });

  it("stays when it was registered after the last look of an undo", async () => {
    await apply(ledger);
    failAt(machine.writers, "register");
    intrude(3, false);
    await expect(apply(books)).rejects.toMatchObject({ code: "ERR_WSB_UNDO" });
    expect(stored()).toBe(foreign);
  });

  it("stays, and is named, when it was registered between the look and a removal", async () => {
    await apply(ledger);
    intrude(2, true);
    const kept = [expect.stringContaining(WRITER_ID)];
    expect(await removeRegistration(machine, WRITER_ID)).toEqual({ changed: true, kept });
    expect(stored()).toBe(foreign);
  });

  it("stays, and is named, when ours is removed", async () => {
    await apply(ledger);
    machine.writers.documents.set(WRITER_ID, foreign);
    const { changed, kept } = await removeRegistration(machine, WRITER_ID);
    expect(changed).toBe(true);
    expect(kept).toEqual([expect.stringContaining(WRITER_ID)]);
    expect(stored()).toBe(foreign);
  });

  it("stays, and is named, when an interrupted command is undone", async () => {
    await killedAt("register", () => apply(ledger));
    machine.writers.documents.set(WRITER_ID, foreign);
    const kept: string[] = [];
    await recoverRegistration(machine, WRITER_ID, (value) => kept.push(value));
    expect(kept).toEqual([expect.stringContaining(WRITER_ID)]);
    expect(stored()).toBe(foreign);
  });

  it("asks for --update where our own document would change", async () => {
    await apply(ledger);
    const found = conflicts({ writer: writerWith("Books") });
    expect(found).toMatchObject([{ kind: "update", override: "--update" }]);
    expect(conflicts({ writer: writerWith("Ledger") })).toEqual([]);
  });
});

describe("unregister", () => {
  it("removes the declared writer", async () => {
    await apply(ledger);
    expect(await removeRegistration(machine, WRITER_ID)).toEqual({ changed: true, kept: [] });
    expect(stored()).toBeNull();
  });

  it("keeps everything when VSS refuses", async () => {
    await apply(ledger);
    const before = machine.api.snapshot();
    failAt(machine.writers, "unregister");
    await expect(removeRegistration(machine, WRITER_ID)).rejects.toThrow("no unregister");
    expect(machine.api.snapshot()).toEqual(before);
    expect(inspectRegistration(machine, WRITER_ID).state).toBe("registered");
  });

  it("gives the document back when the registry refuses", async () => {
    await apply(ledger);
    const before = stored();
    machine.api.deleteRegistryValue = () => {
      throw new Error("no");
    };
    await expect(removeRegistration(machine, WRITER_ID)).rejects.toThrow();
    expect(stored()).toBe(before);
  });

  it("gives back no value that somebody else deletes before anything was removed", async () => {
    await apply(ledger);
    const [value] = plan;
    if (value === undefined) throw new Error("no plan");
    machine.writers.fault = () => {
      machine.api.deleteRegistryValue(value.key, value.name);
      throw new Error("no unregister");
    };
    await expect(removeRegistration(machine, WRITER_ID)).rejects.toThrow("no unregister");
    expect(machine.api.readRegistryValue(value.key, value.name)).toBeNull();
  });

  it("is completed after a kill", async () => {
    await apply(ledger);
    await killedAt("unregister", () => removeRegistration(machine, WRITER_ID));
    expect(stored()).not.toBeNull();
    expect(await recoverRegistration(machine, WRITER_ID)).toBe("removal completed");
    expect(stored()).toBeNull();
  });

  it("finds by the manifest what a damaged record would name", async () => {
    await apply(ledger);
    machine.records.texts.clear();
    const { document } = ledger;
    await removeRegistration(machine, WRITER_ID, plan, { isPartial: true, parts: { document } });
    expect(stored()).toBeNull();
  });

  it("finds by the manifest a writer of which nothing else is left", async () => {
    machine.writers.documents.set(WRITER_ID, ledger.document);
    const { document } = ledger;
    expect(
      planRemoval(machine, WRITER_ID, plan, { parts: { document: books.document } }),
    ).toBeNull();
    expect(
      (await removeRegistration(machine, WRITER_ID, plan, { parts: { document } })).changed,
    ).toBe(true);
    expect(stored()).toBeNull();
  });
});

describe("status", () => {
  it.each([
    ["missing", () => machine.writers.documents.clear()],
    ["changed", () => machine.writers.documents.set(WRITER_ID, foreign)],
  ])("says that the declared writer is %s", async (declaredWriter, harm) => {
    await apply(ledger);
    harm();
    expect(inspectRegistration(machine, WRITER_ID)).toEqual({
      state: "drifted",
      drift: [],
      declaredWriter,
    });
  });

  it("says that an imported export lacks the declared writer", async () => {
    await apply(null);
    machine.records.texts.clear();
    expect(inspectRegistration(machine, WRITER_ID, plan, { document: ledger.document })).toEqual({
      state: "drifted",
      drift: [],
      declaredWriter: "missing",
    });
  });

  it("says nothing about a writer that the application brings", async () => {
    await apply(null);
    expect(inspectRegistration(machine, WRITER_ID)).toEqual({ state: "registered", drift: [] });
  });
});

describe("the record of a declared writer", () => {
  it("has a version that earlier releases do not read", async () => {
    await apply(ledger);
    expect(machine.records.texts.get(WRITER_ID)).toContain('"version":3');
    await apply(null);
    expect(machine.records.texts.get(WRITER_ID)).toContain('"version":2');
  });

  it("has that version also while the writer changes, or anything beside it", async () => {
    await killedAt("register", () => apply(ledger));
    expect(machine.records.texts.get(WRITER_ID)).toContain('"version":3');
    const before = { values: [], keys: [] };
    const previous = { values: [], createdKeys: [], document: ledger.document };
    machine.records.write(WRITER_ID, { state: "registering", before, tasks: [], previous });
    expect(machine.records.texts.get(WRITER_ID)).toContain('"version":3');
  });

  it("is refused when its document is of another writer", async () => {
    await apply(ledger);
    const text = machine.records.texts.get(WRITER_ID) ?? "";
    const other = text.replace("ce4ef7dc-", "11111111-");
    expect(other).not.toBe(text);
    machine.records.texts.set(WRITER_ID, other);
    expect(() => ownedBy(machine, WRITER_ID)).toThrow(
      expect.objectContaining({ code: "ERR_WSB_CONFLICT" }),
    );
  });
});
