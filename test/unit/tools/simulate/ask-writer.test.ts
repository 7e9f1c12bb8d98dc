import { beforeEach, describe, expect, it } from "vitest";

import type { MetadataComponent } from "../../../../src/runtime/metadata/writer-metadata.ts";
import { parseWriterMetadata } from "../../../../src/runtime/metadata/parse.ts";
import { askWriter, type AskedWriter } from "../../../../src/tools/simulate/ask-writer.ts";
import type { Requester, WriterAnswer } from "../../../../src/tools/simulate/requester.ts";
import { Steps } from "../../../../src/tools/simulate/steps.ts";
import { writerDocument } from "../../../../src/tools/writer/document.ts";
import { WRITER_ID } from "../../../helpers/manifest.ts";

const document = writerDocument(
  { writerId: WRITER_ID, name: "Contoso Ledger" },
  {
    kind: "declared",
    components: [
      {
        name: "Ledger",
        selectable: true,
        selectableForRestore: true,
        files: [{ path: "C:\\Ledger", filespec: "*", recursive: true }],
        dependencies: [],
      },
      {
        name: "Archive",
        logicalPath: "Ledger\\Old",
        selectable: true,
        selectableForRestore: true,
        files: [{ path: "D:\\Archive", filespec: "*", recursive: true }],
        dependencies: [],
      },
    ],
    backupSchema: ["copy"],
    restoreMethod: "restoreIfCanReplace",
    exclude: [],
  },
);
const components: readonly MetadataComponent[] = parseWriterMetadata(document).components;

const done: WriterAnswer = { outcome: "done", hresult: 0, message: "" };

const failed: WriterAnswer = {
  outcome: "failed",
  hresult: 0x8004_23f4,
  message: "The ledger does not answer.",
};

let calls: string[];
let answers: Record<string, WriterAnswer>;
let reported: string | null;

const requester: Requester = {
  identify: async () => ({ ...(reported === null ? failed : done), document: reported }),
  async event(event, ...args) {
    // The id of the snapshot set differs each time.
    const shown = event === "prepareSnapshot" ? args.slice(1) : args;
    calls.push([event, ...shown].join(" "));
    return answers[event] ?? done;
  },
  end: async () => void calls.push("end"),
  die: async () => void calls.push("die"),
};

function play(options: Partial<AskedWriter> = {}, copies = true): Promise<Steps> {
  const steps = new Steps(
    () => {},
    () => undefined,
  );
  const asked: AskedWriter = {
    requester,
    document,
    components,
    volumes: ["C:\\", "D:\\"],
    freezeForMs: 0,
    signal: new AbortController().signal,
    ...options,
  };
  const between = {
    copy: async () => {
      calls.push("copy");
      return copies;
    },
    check: async () => void calls.push("check"),
  };
  return askWriter(steps, asked, between).then(() => steps);
}

function failures({ taken }: Steps): readonly (string | undefined)[] {
  return taken.filter((one) => one.failed).flatMap(({ step, detail }) => [step, detail]);
}

beforeEach(() => {
  calls = [];
  answers = {};
  reported = document;
});

describe("askWriter", () => {
  it("plays a backup in VSS's order, with the copy between freeze and thaw", async () => {
    const steps = await play();
    expect(calls).toEqual([
      "prepareBackup 1 1 Ledger - Archive =Ledger\\Old",
      "prepareSnapshot C:\\ D:\\",
      "freeze",
      "copy",
      "thaw",
      "postSnapshot",
      "check",
      "backupComplete",
      "backupShutdown",
    ]);
    expect(failures(steps)).toEqual([]);
    expect(steps.taken[0]?.step).toBe("Identify");
  });

  it("asks nothing of a writer that reports other components", async () => {
    reported = document.replace("Ledger", "Books");
    const steps = await play();
    expect(calls).toEqual([]);
    expect(failures(steps)).toEqual(["Identify", expect.stringContaining("other components")]);
  });

  it("asks nothing of a writer that does not report", async () => {
    reported = null;
    const steps = await play();
    expect(calls).toEqual([]);
    expect(failures(steps)).toEqual(["Identify", expect.stringContaining("does not answer")]);
  });

  it.each([
    ["prepareBackup", 0],
    ["freeze", 2],
    ["thaw", 4],
    ["backupComplete", 7],
  ] as const)("ends after a failed %s, and the writer hears of it", async (event, at) => {
    answers[event] = failed;
    const steps = await play();
    expect(calls.slice(at)).toEqual([expect.stringContaining(event), "abort", "backupShutdown"]);
    expect(failures(steps)[1]).toContain("The ledger does not answer.");
  });

  it("thaws the application when the copy failed", async () => {
    await play({}, false);
    expect(calls.slice(2)).toEqual(["freeze", "copy", "abort", "backupShutdown"]);
  });

  it("says that the writer has gone", async () => {
    answers["freeze"] = { outcome: "gone", hresult: 0, message: "the writer's process has ended" };
    expect(failures(await play()).slice(0, 2)).toEqual([
      "Freeze",
      "the writer's process has ended",
    ]);
  });

  it("dies in an event, and says nothing afterwards", async () => {
    const steps = await play({ dieIn: "freeze" });
    expect(calls.slice(2)).toEqual(["freeze", "die"]);
    expect(failures(steps)).toEqual(["Freeze", expect.stringContaining("--die-in")]);
  });

  it("keeps the application frozen for the given time", async () => {
    const started = performance.now();
    await play({ freezeForMs: 50 });
    expect(performance.now() - started).toBeGreaterThan(45);
  });

  it("stops when it is interrupted, and the writer hears of it", async () => {
    const controller = new AbortController();
    controller.abort();
    await play({ signal: controller.signal });
    expect(calls).toEqual([]);
  });
});
