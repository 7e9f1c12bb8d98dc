import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { parseWriters } from "../../../src/base/vss-writers.ts";
import { repository } from "../../generator/generator.ts";

const LEDGER = "{11111111-1111-4111-8111-111111111111}";
const ADAM = "{DD846AAA-A1B6-42A8-AAF8-03DCB6114BFD}";

function read(name: string): string {
  return readFileSync(join(repository, "test/fixtures/vssadmin", name), "utf8");
}

describe("the output of vssadmin list writers", () => {
  it("in German: quotes and labels of its own", () => {
    expect(parseWriters(read("de-utf8.txt"))).toEqual([
      {
        name: "Contoso Bücher Writer",
        id: LEDGER,
        instanceId: "{21111111-1111-4111-8111-111111111111}",
        state: 1,
        stateText: "Stabil",
        lastError: "Kein Fehler",
      },
    ]);
  });

  it("in French: spaces before the colons, and a writer that failed", () => {
    expect(parseWriters(read("fr-utf8.txt"))).toMatchObject([
      { name: "Contoso Ledger Writer", id: LEDGER, state: 1 },
      { name: "System Writer", state: 7, stateText: "Échec", lastError: "Délai dépassé" },
    ]);
  });

  it("has two writers that share a class id, with both names", () => {
    const writers = parseWriters(read("adam.txt"));
    expect(writers.map(({ id }) => id)).toEqual([ADAM, ADAM]);
    expect(writers.map(({ name }) => name)).toEqual([
      "ADAM (CONTOSO-A) Writer",
      "ADAM (CONTOSO-B) Writer",
    ]);
  });

  // No output of these languages was seen; the forms are from their typography.
  it.each([
    ["Nom de l'auteur : « L'Écho »", "L'Écho"],
    ["Writer name: 'It's 'Gold''", "It's 'Gold'"],
    ["作成者名：「帳簿」", "帳簿"],
    [`Writer name: 'Copy of ${LEDGER}'`, `Copy of ${LEDGER}`],
    ["Writer name: 'C: and D:'", "C: and D:"],
  ])("finds the name in %s", (head, name) => {
    const text = `${head}\r\n   A: ${LEDGER}\r\n   B: ${ADAM}\r\n   C: [5] Waiting\r\n   D: No error\r\n`;
    expect(parseWriters(text)).toMatchObject([{ name, id: LEDGER, instanceId: ADAM, state: 5 }]);
  });

  it("keeps a writer whose state is not shown", () => {
    expect(parseWriters(`N: 'X'\n A: ${LEDGER}\n B: ${ADAM}\n`)).toMatchObject([
      { name: "X", state: undefined, lastError: "" },
    ]);
  });

  it("without writers is an empty list", () => {
    expect(parseWriters("vssadmin 1.1 - tool\n(C) Copyright\n\n")).toEqual([]);
  });
});
