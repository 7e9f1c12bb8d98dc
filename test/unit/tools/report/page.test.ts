import { SaxesParser } from "saxes";
import { describe, expect, it } from "vitest";

import type { EventLine } from "../../../../src/runtime/events/definitions.ts";
import { readHistory } from "../../../../src/tools/report/history.ts";
import { escapeText, markup } from "../../../../src/tools/report/markup.ts";
import { renderPage } from "../../../../src/tools/report/page.ts";
import { ORIGIN_MS, abandonedLines, lineAt, restoreLines } from "../../../helpers/event-lines.ts";

function render(
  records: readonly (readonly EventLine[])[],
  fields: {
    readonly name?: string;
    readonly damaged?: number;
    readonly unreadable?: readonly string[];
  } = {},
): string {
  return renderPage({
    name: "Contoso Ledger",
    machine: "SRV-LEDGER",
    madeMs: ORIGIN_MS,
    histories: records.map((lines) =>
      readHistory({ sessionId: "s1", isRestore: true, isBackup: false, lines }),
    ),
    damaged: 0,
    unreadable: [],
    ...fields,
  });
}

/** Returns the page's drawings; throws when a drawing is not well-formed. */
function drawingsOf(page: string) {
  return [...page.matchAll(/<div class="drawing" .*?(?=<ul class="legend">)/gsu)].map(
    ([drawing]) => {
      const titles: string[] = [];
      const classes: string[] = [];
      const texts: string[] = [];
      const parser = new SaxesParser();
      parser.on("opentag", ({ attributes }) => {
        if (typeof attributes["class"] === "string") classes.push(attributes["class"]);
        if (typeof attributes["title"] === "string") titles.push(attributes["title"]);
      });
      parser.on("text", (text) => {
        if (text.trim() !== "") texts.push(text.replaceAll("\u00A0", " "));
      });
      // XML reads a line break in an attribute as a space; HTML keeps it.
      parser.write(drawing.trim().replaceAll(/\n(?=[^<>]*">)/gu, "&#10;")).close();
      return { titles, classes, texts };
    },
  );
}

describe("escapeText", () => {
  it.each([
    [`<a href="x">&'</a>`, "&lt;a href=&quot;x&quot;&gt;&amp;&#39;&lt;/a&gt;"],
    ["a\r\nb\tc\u001b[31m\u0000\u009b", "a\nb\tc\uFFFD[31m\uFFFD\uFFFD"],
    ["\u202Egnp.exe\u2066\u200F", "\uFFFDgnp.exe\uFFFD\uFFFD"],
    ["\uD83D \u{1F4D2} \uFFFF", "\uFFFD \u{1F4D2} \uFFFD"],
  ])("writes %j as %j", (text, escaped) => {
    expect(escapeText(text)).toBe(escaped);
  });
});

describe("markup", () => {
  it("escapes values, but not markup", () => {
    const inner = markup`<i>${"<"}</i>`;
    expect(markup`<b title="${'"'}">${inner}${[inner, inner]} ${1.256}</b>`.text).toBe(
      '<b title="&quot;"><i>&lt;</i><i>&lt;</i><i>&lt;</i> 1.26</b>',
    );
  });
});

describe("renderPage", () => {
  it("shows first what a person must do", () => {
    const page = render([abandonedLines]);
    const verdict = page.indexOf("Left stopped: Ledger. Start them with: sc.exe start");
    expect(verdict).toBeGreaterThan(0);
    expect(verdict).toBeLessThan(page.indexOf('<div class="drawing"'));
    expect(page).toContain('<div class="verdict bad">');
    expect(render([restoreLines])).toContain('<div class="verdict good">');
  });

  it("draws calls, states of services and failures, each with a tooltip", () => {
    const [drawing] = drawingsOf(render([abandonedLines]));
    expect(drawing?.titles).toEqual(
      expect.arrayContaining([
        "PreRestore Ledger\\Accounts\n195 ms\nWSBAPP_E_COMPONENT_PRE_RESTORE_FAILED\nBooks are open.",
        "PreRestore Ledger\\Archive\n50 ms\nno answer: the process ended",
        "Ledger: running\n20 ms",
        "Ledger: stopping\n100 ms",
        "Ledger: stopped\n880 ms",
        "Ledger: did not start\n2 s\nby guardian\nStill START_PENDING.",
        "Ledger: left stopped",
        "server 10\nkilled or crashed",
        "preRestore: last words",
        "restore session: abandoned",
      ]),
    );
    for (const look of ["bar failed", "bar left-stopped", "bar moving", "bar lost", "mark warn"]) {
      expect(drawing?.classes).toContain(look);
    }
  });

  it("marks each lane with a failure by a cross, not only by its colour", () => {
    const [drawing] = drawingsOf(render([abandonedLines]));
    const names = ["✕ server 10", "✕ Ledger\\Accounts", "✕ Ledger\\Archive", "✕ Ledger"];
    expect(drawing?.texts.filter((text) => /^✕ \S/u.test(text))).toEqual(
      expect.arrayContaining(names),
    );
    expect(drawing?.texts).toContain("guardian 20");
    expect(drawingsOf(render([restoreLines]))[0]?.texts.join(" ")).not.toContain("✕");
  });

  it("draws messages that would cover each other as one mark with their number", () => {
    const lines = Array.from({ length: 130 }, (_, index) => {
      const level = index === 70 ? "warn" : "info";
      return lineAt(index, { event: "message", level, text: `Part ${index}` });
    });
    const later = lineAt(9000, { event: "message", level: "info", text: "Last." });
    const [drawing] = drawingsOf(render([[...lines, later]]));
    expect(drawing?.classes.filter((look) => look.startsWith("mark"))).toEqual([
      "mark warn",
      "mark info",
    ]);
    expect(drawing?.texts).toEqual(expect.arrayContaining(["99+", "i"]));
    expect(drawing?.titles.find((title) => title.startsWith("Part 0\nPart 1\n"))).toMatch(
      /Part 19\nand 110 more$/u,
    );
  });

  it("lists several runs with links, the latest first, and one run not", () => {
    const page = render([restoreLines, abandonedLines, restoreLines]);
    const index = /<ul class="index">(.*?)<\/ul>/su.exec(page)?.[1] ?? "";
    const links = [...index.matchAll(/<a href="#([^"]+)">/gu)].map(([, id]) => id);
    expect(links).toEqual(["run-2", "run-1", "run-0"]);
    for (const id of links) expect(page).toContain(`<section id="${id}">`);
    expect(index.match(/<span class="sign">(.)/gu)?.map((sign) => sign.at(-1))).toEqual([
      "✓",
      "✕",
      "✓",
    ]);
    expect(index).toContain("PreRestore of Ledger\\Accounts failed: Books are open.");
    expect(render([restoreLines])).not.toContain('class="index"');
  });

  it("draws long gaps shorter, and shows their length", () => {
    const [drawing] = drawingsOf(render([restoreLines]));
    expect(drawing?.titles).toContain("59 min 59 s without any event");
    expect(drawing?.classes).not.toContain("bar failed");
  });

  it("shows the latest run first, and each drawing with unique ids", () => {
    const later = restoreLines.map((line) => ({
      ...line,
      time: line.time.replace("2025", "2026"),
    }));
    const page = render([restoreLines, later]);
    const headings = [...page.matchAll(/<h2>Restore session, (\d{4})/gu)].map(([, year]) => year);
    expect(headings).toEqual(["2026", "2025"]);
    const ids = [...page.matchAll(/ id="([^"]+)"/gu)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(["run-1", "run-0"]);
  });

  it("shows the number of unreadable lines", () => {
    expect(render([restoreLines], { damaged: 3 })).toContain(
      "Unreadable lines in the event files: 3.",
    );
    expect(render([restoreLines])).not.toContain("Unreadable");
  });

  it("shows which event files cannot be read", () => {
    const unreadable = ["Cannot read the event file <a>."];
    expect(render([restoreLines], { unreadable })).toContain(
      "Cannot read the event file &lt;a&gt;.",
    );
  });

  it("refers to no other file and forbids loading and scripts", () => {
    const page = render([restoreLines, abandonedLines]);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(page).not.toMatch(/<(?:script|link|img|iframe|object|embed|base|form)\b/iu);
    expect(page).not.toMatch(
      /\b(?:src|action)=|\bhref="(?!#run-\d)|https?:|@import|javascript:|url\(/iu,
    );
  });

  it("shows hostile texts from any field as text", () => {
    const hostile = `</title></svg></style><script>alert(1)</script><img src=x onerror=alert(2)>"'&\u0000\u202E]]>-->`;
    const call = { id: 1, method: "preRestore", component: `${hostile}c` } as const;
    const from = { sessionId: hostile };
    const lines = [
      lineAt(0, { event: "serverStarted" }),
      lineAt(1, { event: "callReceived", ...call }),
      lineAt(
        2,
        { event: "sessionOpened", clientPid: 1, clientImage: hostile, services: [hostile] },
        from,
      ),
      lineAt(3, { event: "serviceStopping", service: hostile }, from),
      lineAt(
        4,
        {
          event: "serviceFailed",
          service: hostile,
          wanted: "STOPPED",
          state: "RUNNING",
          text: hostile,
        },
        from,
      ),
      lineAt(
        5,
        { event: "handlerFailed", ...call, code: hostile, hresult: 0x80004005, text: hostile },
        from,
      ),
      lineAt(
        6,
        {
          event: "callAnswered",
          ...call,
          durationMs: 5,
          hresult: 0x80004005,
          description: hostile,
        },
        from,
      ),
      lineAt(7, { event: "message", level: "error", text: hostile }, from),
      lineAt(8, { event: "sessionClosed", outcome: "abandoned", leftStopped: [hostile] }, from),
    ];
    const page = renderPage({
      name: hostile,
      machine: hostile,
      madeMs: ORIGIN_MS,
      histories: [readHistory({ sessionId: hostile, isRestore: true, isBackup: false, lines })],
      damaged: 0,
      unreadable: [],
    });
    expect(page).not.toMatch(/<(?:script|img)\b/iu);
    expect(page).not.toContain("\0");
    expect(page).not.toContain("\u202E");
    expect([...page.matchAll(/<\/(?:svg|style)>/gu)]).toHaveLength(1);
    const [drawing] = drawingsOf(page);
    const shown = hostile.replaceAll(/[\0\u202E]/gu, "\uFFFD");
    expect(drawing?.titles).toContain(shown);
  });

  it("stays readable with two thousand components, and draws the failed ones", () => {
    const lines = Array.from({ length: 2000 }, (_, id) => {
      const call = { id, method: "preRestore", component: `Ledger\\Part ${id}` } as const;
      const hresult = id === 1999 ? 0x80004005 : 0;
      return [
        lineAt(id * 10, { event: "callReceived", ...call }),
        lineAt(id * 10 + 5, { event: "callAnswered", ...call, durationMs: 5, hresult }),
      ];
    }).flat();
    const page = render([lines]);
    const [drawing] = drawingsOf(page);
    expect(drawing?.texts).toContain("and 1970 more components");
    expect(drawing?.titles).toContain("PreRestore Ledger\\Part 1999\n5 ms\nE_FAIL");
    expect(page).toContain("Ledger\\Part 1000");
  });

  it("makes a page without events", () => {
    expect(render([])).toContain("Contoso Ledger has no events yet.");
  });
});
