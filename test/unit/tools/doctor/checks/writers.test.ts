import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { WsbError } from "../../../../../src/base/errors.ts";
import { parseWriters } from "../../../../../src/base/vss-writers.ts";
import { vssWritersCheck } from "../../../../../src/tools/doctor/checks/vss-writers.ts";
import { writerInstancesCheck } from "../../../../../src/tools/doctor/checks/writer-instances.ts";
import { writerStableCheck } from "../../../../../src/tools/doctor/checks/writer-stable.ts";
import type { Check } from "../../../../../src/tools/doctor/check.ts";
import { repository } from "../../../../generator/generator.ts";
import { addinWith, machineWith, make, writerWith } from "../../../../helpers/doctor-bed.ts";

const LEDGER = "{11111111-1111-4111-8111-111111111111}";
const SYSTEM = "{E8132975-6F93-4464-A53E-1050253AE220}";
const ADAM = "{DD846AAA-A1B6-42A8-AAF8-03DCB6114BFD}";

function foundIn(file: string, check: Check, writerId: string) {
  const text = readFileSync(join(repository, "test/fixtures/vssadmin", file), "utf8");
  const writers = async () => parseWriters(text);
  return make(check, machineWith({ programs: { writers } }), addinWith({ writerId }));
}

describe("the writer of the application", () => {
  it.each(["de-utf8.txt", "fr-utf8.txt"])("is ok in %s", async (file) => {
    expect(await foundIn(file, writerStableCheck, LEDGER)).toMatchObject({ verdict: "ok" });
  });

  it("that failed fails, with Windows' own words", async () => {
    const finding = await foundIn("fr-utf8.txt", writerStableCheck, SYSTEM);
    expect(finding.verdict).toBe("fail");
    for (const part of ["System Writer", "[7] Échec", "Délai dépassé"]) {
      expect(finding.found).toContain(part);
    }
  });

  it.each([
    [0, "fail"],
    [2, "warn"],
    [5, "warn"],
    [6, "fail"],
    [undefined, "unknown"],
  ])("in state %s is %s", async (state, verdict) => {
    const programs = { writers: async () => [writerWith({ state })] };
    expect(await make(writerStableCheck, machineWith({ programs }))).toMatchObject({ verdict });
  });

  it("that is not listed fails", async () => {
    expect(await foundIn("de-utf8.txt", writerStableCheck, ADAM)).toMatchObject({
      verdict: "fail",
    });
  });
});

describe("the instances of the writer", () => {
  it("are ok if there is one", async () => {
    expect(await foundIn("fr-utf8.txt", writerInstancesCheck, LEDGER)).toMatchObject({
      verdict: "ok",
    });
  });

  it("fail if two answer, and both names are shown", async () => {
    const finding = await foundIn("adam.txt", writerInstancesCheck, ADAM);
    expect(finding.verdict).toBe("fail");
    for (const part of ["CONTOSO-A", "CONTOSO-B", "2 writers"])
      expect(finding.found).toContain(part);
  });

  it("are nothing to check if none is listed", async () => {
    expect(await foundIn("adam.txt", writerInstancesCheck, LEDGER)).toMatchObject({
      verdict: "not applicable",
    });
  });
});

describe("the list of writers", () => {
  it.each([
    ["de-utf8.txt", "ok"],
    ["adam.txt", "ok"],
    ["fr-utf8.txt", "warn"],
  ])("%s is %s", async (file, verdict) => {
    expect(await foundIn(file, vssWritersCheck, LEDGER)).toMatchObject({ verdict });
  });

  it("is ok while a backup runs, and says how many writers wait for its end", async () => {
    const programs = { writers: async () => [writerWith(), writerWith({ state: 5 })] };
    const finding = await make(vssWritersCheck, machineWith({ programs }));
    expect(finding).toMatchObject({ verdict: "ok", found: expect.stringContaining("1 wait") });
  });

  it("without any writer fails", async () => {
    const programs = { writers: async () => [] };
    expect(await make(vssWritersCheck, machineWith({ programs }))).toMatchObject({
      verdict: "fail",
    });
  });

  it("that vssadmin refuses fails, with vssadmin's own words", async () => {
    const error = new WsbError("ERR_WSB_PROGRAM", "Fehler: Kein Zugriff");
    const programs = { writers: () => Promise.reject(error) };
    const finding = await make(vssWritersCheck, machineWith({ programs }));
    expect(finding).toMatchObject({ verdict: "fail" });
    expect(finding.found).toContain("Fehler: Kein Zugriff");
  });

  it.each([vssWritersCheck, writerStableCheck, writerInstancesCheck])(
    "needs an elevated prompt: $id",
    async (check) => {
      const finding = await make(check, machineWith({ elevated: false }));
      expect(finding).toMatchObject({ verdict: "unknown", needsElevation: true });
    },
  );
});
