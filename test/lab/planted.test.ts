import {
  chownSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { HRESULT } from "../../src/base/hresult.ts";
import { pathOf010 } from "../helpers/files-of-0-1-0.ts";
import { PREPARE_A, RESTORE, RestoreBed } from "../helpers/lab/restore-bed.ts";
import { makeTestLab, type TestLab } from "../helpers/lab/test-lab.ts";

const eventsOf010 = pathOf010("events", "damaged", "addin.jsonl");

// An ordinary user: Wine shows the files of another Unix user as those of another account.
const USER = 12_345;

let testLab: TestLab;
let bed: RestoreBed;
/** The folder of the kit, and the one above. */
let kit: string;
let programData: string;

function setAside(): readonly string[] {
  return readdirSync(programData).filter((name) => name.startsWith("wsb-addin.foreign-"));
}

/** Gives the kit's folder, with all that is in it, to somebody. */
function giveTo(owner: number): void {
  for (const name of ["", ...readdirSync(kit, { recursive: true, encoding: "utf8" })]) {
    chownSync(join(kit, name), owner, owner);
  }
}

// Only root can give a file to somebody else.
describe.runIf(process.getuid?.() === 0)("what a user made", () => {
  beforeAll(async () => {
    testLab = makeTestLab();
    bed = await RestoreBed.make(testLab, "killed.ts");
    kit = dirname(bed.dataFolder);
    programData = dirname(kit);
  });
  afterAll(async () => {
    await bed.remove();
    await testLab.remove();
  });
  afterEach(() => {
    for (const name of setAside()) rmSync(join(programData, name), { recursive: true });
  });

  it("is reported by status with its owner, and stays as it is", async () => {
    const before = readdirSync(kit, { recursive: true });
    giveTo(USER);
    const { stdout } = await bed.cli("status");
    expect(JSON.parse(stdout)).toMatchObject({
      warnings: expect.arrayContaining([
        expect.stringMatching(/ProgramData\\wsb-addin is not obeyed.*S-1-5-7/u),
      ]),
    });
    expect([readdirSync(kit, { recursive: true }), statSync(kit).uid]).toEqual([before, USER]);
    giveTo(0);
    expect(JSON.parse((await bed.cli("status")).stdout)).toMatchObject({ warnings: [] });
  });

  it("is no history: log shows none of it", async () => {
    mkdirSync(bed.dataFolder);
    writeFileSync(join(bed.dataFolder, "addin.jsonl"), readFileSync(eventsOf010));
    expect(await bed.cli("log")).toMatchObject({ code: 0 });
    giveTo(USER);
    const { code, stdout } = await bed.cli("log");
    expect([code, JSON.parse(stdout)]).toMatchObject([
      1,
      { error: { code: "ERR_WSB_FOREIGN_FILE" } },
    ]);
    giveTo(0);
  });

  it("tells register nothing: it is set aside, and no planted value is written", async () => {
    await bed.observer.unregister(bed.addin.writerId);
    const key = "SOFTWARE\\wsb-addin-planted";
    const value = { type: 1, data: Buffer.from("evil\0", "utf16le").toString("base64") };
    const before = { values: [{ key, name: "Run", value }], keys: [{ key, existed: true }] };
    const records = join(kit, "registrations");
    mkdirSync(records, { recursive: true });
    writeFileSync(
      join(records, `${bed.addin.writerId}.json`),
      JSON.stringify({ version: 1, state: "registering", before, previous: null }),
    );
    giveTo(USER);
    const { code, stderr } = await bed.cli(
      "register",
      "--no-activate",
      "--no-boot-recovery",
      "--update",
      "--force",
    );
    expect([code, stderr]).toEqual([0, expect.stringContaining(setAside()[0] ?? "nothing")]);
    expect(await bed.observer.binding.hasRegistryKey(key)).toBe(false);
    expect(statSync(kit).uid).toBe(0);
    expect(JSON.parse((await bed.cli("status")).stdout)).toMatchObject({
      condition: "as written",
      warnings: [],
    });
  });

  it("stops no restore: PreRestore sets it aside and says so", async () => {
    mkdirSync(bed.dataFolder, { recursive: true });
    writeFileSync(bed.journalFile, "planted");
    giveTo(USER);
    const client = await bed.startClient();
    await bed.call(client, PREPARE_A).then(({ hresult }) => expect(hresult).toBe(HRESULT.S_OK));
    expect(await bed.states()).toEqual(["STOPPED", "STOPPED"]);
    const [aside] = setAside();
    expect(
      readFileSync(join(programData, aside ?? "", bed.addin.clsid, "session.log"), "utf8"),
    ).toBe("planted");
    expect(bed.events("message")).toContainEqual(
      expect.objectContaining({
        level: "error",
        text: expect.stringContaining(aside ?? "nothing"),
      }),
    );
    for (const step of RESTORE.slice(1)) {
      expect((await bed.call(client, step)).hresult).toBe(HRESULT.S_OK);
    }
    expect(await bed.states()).toEqual(["RUNNING", "RUNNING"]);
    await bed.untilNoGuardian();
    await client.agent.end();
    // For the end of this file: the record of the registration.
    renameSync(join(programData, aside ?? "", "registrations"), join(kit, "registrations"));
    giveTo(0);
  });
});
