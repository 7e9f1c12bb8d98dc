// The page of `log` in a browser, which alone knows how wide a text is.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { afterAll, describe, expect, it } from "vitest";

import { escapeXml } from "../../src/base/xml.ts";
import type { EventLine } from "../../src/runtime/events/definitions.ts";
import { readEventFolder } from "../../src/runtime/events/read-events.ts";
import { readHistory } from "../../src/tools/report/history.ts";
import { renderPage } from "../../src/tools/report/page.ts";
import { splitRuns } from "../../src/tools/report/runs.ts";
import { repository } from "../generator/generator.ts";
import { abandonedLines, lineAt, restoreLines } from "../helpers/event-lines.ts";
import { names010, pathOf010 } from "../helpers/files-of-0-1-0.ts";

const hasChromium = spawnSync("chromium", ["--version"]).status === 0;
// Shown for skipped tests.
const onDebian = hasChromium ? "" : " (takes Debian's chromium: node tools/setup.mjs --exhaustive)";

const session = { sessionId: "long" };

/** Names and texts that are longer and wider than any screen, and many messages at once. */
function longLines(): readonly EventLine[] {
  const component = `Ledger\\${"Ganz lange Kasse für das Büro ".repeat(12)}📒`;
  const wide = "MW".repeat(40);
  const text = `Cannot stop it: ${"wirklich ".repeat(200)}`;
  const call = { id: 1, method: "preRestore", component } as const;
  const client = `C:\\${"very long folder\\".repeat(12)}wbengine.exe`;
  const messages = Array.from({ length: 60 }, (_, index) => {
    const level = index % 9 === 0 ? "warn" : "info";
    return lineAt(71 + index, { event: "message", level, text: `${index} %` }, session);
  });
  return [
    lineAt(0, { event: "callReceived", ...call }),
    lineAt(1, { event: "sessionOpened", services: [wide], clientImage: client }, session),
    lineAt(10, { event: "serviceStopping", service: wide }, session),
    lineAt(60, { event: "serviceStopped", service: wide, durationMs: 50 }, session),
    lineAt(
      70,
      { event: "serviceFailed", service: `${wide}2`, wanted: "STOPPED", state: "RUNNING", text },
      session,
    ),
    ...messages,
    lineAt(200, {
      event: "callAnswered",
      ...call,
      durationMs: 200,
      hresult: 0x807a0002,
      description: text,
    }),
    lineAt(201, { event: "sessionClosed", outcome: "failed", leftStopped: [wide] }, session),
  ];
}

/** A call of a restore of 300 components, of which some fail. */
function callLines(id: number, atMs: number, method: "preRestore" | "postRestore") {
  const own = { id, method, component: `Ledger\\Part ${id % 300}` } as const;
  const hresult = id % 40 === 39 ? 0x807a0002 : 0;
  return [
    lineAt(atMs, { event: "callReceived", ...own }, { pid: 77 }),
    lineAt(atMs + 5, { event: "callAnswered", ...own, durationMs: 5, hresult }, { pid: 77 }),
  ];
}

/** A restore of 300 components that stops no service, with ten minutes of copying. */
function manyLines(): readonly EventLine[] {
  const ids = Array.from({ length: 300 }, (_, id) => id);
  return [
    ...ids.flatMap((id) => callLines(id, id * 10, "preRestore")),
    ...ids.flatMap((id) => callLines(300 + id, 600_000 + id * 10, "postRestore")),
  ];
}

const records = [
  restoreLines,
  abandonedLines,
  longLines(),
  manyLines(),
  ...names010("events").map(
    (name) => readEventFolder(pathOf010("events", name), readFileSync).lines,
  ),
];
const page = renderPage({
  name: "Contoso Ledger",
  machine: "SRV-LEDGER",
  madeMs: Date.now(),
  histories: records.flatMap((lines) => splitRuns(lines)).map(readHistory),
  damaged: 3,
  unreadable: [],
});

const folder = mkdtempSync(join(tmpdir(), "wsb-page-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function measure(width: number, scheme: "light" | "dark") {
  const script = readFileSync(join(repository, "test/fixtures/page/measure.js"), "utf8");
  const copy = page
    // The page itself forbids scripts.
    .replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/u, "")
    .replace("</body>", () => `<script>${script}</script></body>`);
  // A window cannot be as narrow as a telephone, but a frame can.
  const frame = `<iframe style="width:${width}px;height:900px;border:0" srcdoc="${escapeXml(copy)}">`;
  const style = "<style>:root { color-scheme: light dark; }</style>";
  const file = join(folder, `${width}-${scheme}.html`);
  writeFileSync(file, `<!doctype html><meta charset="utf-8">${style}<pre></pre>${frame}</iframe>`);
  const { stdout, stderr } = spawnSync(
    "chromium",
    [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      `--user-data-dir=${join(folder, "profile")}`,
      `--blink-settings=preferredColorScheme=${scheme === "dark" ? 0 : 1}`,
      "--hide-scrollbars",
      "--window-size=1400,1000",
      "--dump-dom",
      pathToFileURL(file).href,
    ],
    { encoding: "utf8", timeout: 120_000 },
  );
  const [, measured = ""] = /<pre>([^<]*)<\/pre>/u.exec(stdout) ?? [];
  if (measured === "") throw new Error(`Chromium measured nothing: ${stderr}`);
  const values: Readonly<Record<string, number>> = JSON.parse(
    measured.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&"),
  );
  return values;
}

describe.skipIf(!hasChromium)(`the page of log${onDebian}`, () => {
  it.each([
    [1200, "light"],
    [1200, "dark"],
    [800, "light"],
    [400, "light"],
    [400, "dark"],
  ] as const)("is readable at %d pixels, %s: no label covers another one", (width, scheme) => {
    const measured = measure(width, scheme);
    expect(measured).toMatchObject({
      width,
      isDark: scheme === "dark",
      // Nobody has to scroll sideways.
      hiddenWidth: 0,
      overlaps: [],
      names: 0,
      pale: [],
      deadLinks: 0,
    });
    expect(measured["drawings"]).toBeGreaterThan(records.length);
    expect(measured["smallest"]).toBeGreaterThanOrEqual(11);
    // Most labels have space even on a narrow screen; the tooltips and the table have all.
    expect((measured["shownLabels"] ?? 0) / (measured["labels"] ?? 1)).toBeGreaterThan(0.6);
  });
});
