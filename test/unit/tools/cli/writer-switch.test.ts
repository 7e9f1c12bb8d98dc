import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { WriterSwitch, type SwitchState } from "../../../../src/runtime/writer/switch.ts";
import {
  turnWriter,
  type SwitchOptions,
} from "../../../../src/tools/cli/commands/writer-switch.ts";
import { FakeRegistry, writeText } from "../../../helpers/fakes/fake-registry.ts";
import { WRITER_ID, minimalFields } from "../../../helpers/manifest.ts";

const folder = mkdtempSync(join(tmpdir(), "wsb-switch-"));
afterAll(() => rmSync(folder, { recursive: true }));

const manifest = join(folder, "wsb-addin.json");
const components = [
  { name: "Ledger", files: [{ path: "C:\\Ledger", filespec: "*", recursive: true }] },
];

class Machine extends FakeRegistry {
  elevated = true;
  isElevated(): boolean {
    return this.elevated;
  }
}

let machine: Machine;

beforeEach(() => {
  machine = new Machine();
  describeWriter({ kind: "service", components });
});

function describeWriter(writer: object): void {
  writeFileSync(manifest, JSON.stringify({ ...minimalFields, writer }));
}

function state(): SwitchState {
  return new WriterSwitch(machine, WRITER_ID).read();
}

interface Turned {
  readonly text: string;
  readonly document: object;
}

function turn(to: "on" | "off", options: Partial<SwitchOptions> = {}): Turned {
  const lines: string[] = [];
  let document: object = {};
  const output = {
    line: (text: string) => void lines.push(text),
    note: () => {},
    json: (one: object) => void (document = one),
  };
  turnWriter(machine, to, { manifest, ...options }, { output });
  return { text: lines.join("\n"), document };
}

describe("the switch of a writer", () => {
  it("turns the writer off, and says how to turn it on", () => {
    const { text, document } = turn("off");
    expect(state()).toBe("administrator");
    expect(text).toContain("wsb-addin writer on");
    expect(document).toEqual({ ok: true, changed: true, writerId: WRITER_ID, before: "on" });
  });

  it.each(["administrator", "failedFreezes"] as const)(
    "turns a writer on that is off: %s",
    (reason) => {
      new WriterSwitch(machine, WRITER_ID).turnOff(reason);
      expect(turn("on").document).toMatchObject({ changed: true, before: reason });
      expect(state()).toBe("on");
    },
  );

  it("turns a writer on whose switch has a value that nobody knows", () => {
    const key = `SOFTWARE\\wsb-addin\\Writers\\${WRITER_ID}`;
    writeText(machine, { key, name: "off" }, "perhaps");
    expect(turn("on").document).toMatchObject({ changed: true, before: "unreadable" });
    expect(state()).toBe("on");
  });

  it.each(["on", "off"] as const)("changes nothing when the writer is already %s", (to) => {
    turn(to);
    const writes = machine.writes.length;
    const { text, document } = turn(to);
    expect(text).toContain(`is already ${to}`);
    expect(document).toMatchObject({ changed: false });
    expect(machine.writes).toHaveLength(writes);
  });

  it("keeps the reason for which a writer has left", () => {
    new WriterSwitch(machine, WRITER_ID).turnOff("failedFreezes");
    turn("off");
    expect(state()).toBe("failedFreezes");
  });

  it.each(["on", "off"] as const)("only shows what %s would do in a dry run", (to) => {
    if (to === "on") turn("off");
    machine.elevated = false;
    const before = machine.snapshot();
    expect(turn(to, { dryRun: true })).toMatchObject({
      text: `Would turn writer ${WRITER_ID} ${to}.`,
      document: { changed: false },
    });
    expect(machine.snapshot()).toEqual(before);
  });

  it.each(["on", "off"] as const)("needs elevation to turn %s", (to) => {
    machine.elevated = false;
    expect(() => turn(to)).toThrow(expect.objectContaining({ code: "ERR_WSB_ACCESS_DENIED" }));
    expect(machine.writes).toEqual([]);
  });

  it("takes a writer id when there is no manifest", () => {
    turn("off", { manifest: join(folder, "none.json"), writerId: WRITER_ID.toLowerCase() });
    expect(state()).toBe("administrator");
  });

  it.each([{ kind: "declared", components }, { kind: "external" }])(
    "refuses a writer without one: %j",
    (writer) => {
      describeWriter(writer);
      const error = expect.objectContaining({ code: "ERR_WSB_INVALID_MANIFEST" });
      expect(() => turn("off")).toThrow(error);
      expect(machine.writes).toEqual([]);
    },
  );
});
