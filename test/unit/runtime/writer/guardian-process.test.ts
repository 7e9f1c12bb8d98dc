import { PassThrough } from "node:stream";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { listenTo, spawnGuardian } from "../../../../src/runtime/writer/guardian-process.ts";
import type { GuardianProcess } from "../../../../src/runtime/writer/guardian-leash.ts";
import type {
  GuardianOrder,
  GuardianReport,
} from "../../../../src/runtime/writer/guardian-messages.ts";

/** What a process of a guardian said, as far as somebody has waited for it. */
class Heard {
  readonly #emitter = new EventTarget();
  readonly reports: GuardianReport[] = [];
  readonly ends: string[] = [];

  onReport = (report: GuardianReport): void => {
    this.reports.push(report);
    this.#emitter.dispatchEvent(new Event("heard"));
  };

  onExit = (why: string): void => {
    this.ends.push(why);
    this.#emitter.dispatchEvent(new Event("heard"));
  };

  async until(isEnough: () => boolean): Promise<void> {
    while (!isEnough()) await once(this.#emitter, "heard");
  }
}

let folder: string;
let heard: Heard;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "guardian-"));
  heard = new Heard();
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Starts a program in the place of a guardian. */
function start(source: string): GuardianProcess {
  const file = join(folder, "guardian.mjs");
  writeFileSync(file, source);
  return spawnGuardian(heard, { program: process.execPath, args: [file] });
}

const watch: GuardianOrder = { order: "watch", thawAfterMs: 9500 };

describe("the process of a guardian", () => {
  it("gets orders and gives reports, between what a handler prints", async () => {
    const guardian = start(`
      process.stdout.write("half a line");
      process.stdout.write('\\n{"report":"ready"}\\n');
      process.stdin.setEncoding("utf8").on("data", (text) => {
        if (!text.includes('"thawAfterMs":9500')) return;
        process.stdout.write('\\n{"report":"watching",');
        process.stdout.write('"hasThawed":true}\\n');
      });
    `);
    await heard.until(() => heard.reports.length === 1);
    guardian.send(watch);
    await heard.until(() => heard.reports.length === 2);
    expect(heard.reports).toEqual([{ report: "ready" }, { report: "watching", hasThawed: true }]);
    guardian.close();
    await heard.until(() => heard.ends.length > 0);
  });

  it("ends with its input", async () => {
    const guardian = start(`
      console.log('{"report":"ready"}');
      process.stdin.resume();
    `);
    // A process that is still starting may be ended instead.
    await heard.until(() => heard.reports.length === 1);
    guardian.close();
    guardian.close();
    await heard.until(() => heard.ends.length > 0);
    expect(heard.ends).toEqual(["it ended with code 0"]);
    // Nobody is there any more.
    guardian.send(watch);
  });

  // Windows has no such groups.
  it.runIf(process.platform !== "win32")("does not end with the group of its service", async () => {
    const guardian = start(`
      process.kill(-process.pid, 0);
      console.log('{"report":"ready"}');
      process.stdin.resume();
    `);
    await heard.until(() => heard.reports.length + heard.ends.length > 0);
    guardian.close();
    expect(heard.reports).toEqual([{ report: "ready" }]);
    await heard.until(() => heard.ends.length > 0);
  });

  it("hears nothing more when its input has ended", async () => {
    const uncaught: unknown[] = [];
    const note = (error: unknown): void => void uncaught.push(error);
    process.on("uncaughtException", note);
    const guardian = start("process.stdin.resume();");
    guardian.close();
    guardian.send(watch);
    await heard.until(() => heard.ends.length > 0);
    process.off("uncaughtException", note);
    expect(uncaught).toEqual([]);
  });

  it("is ended when it does not end by itself", { timeout: 30_000 }, async () => {
    const guardian = start(`
      console.log('{"report":"ready"}');
      setInterval(() => {}, 1000);
    `);
    await heard.until(() => heard.reports.length === 1);
    guardian.close();
    await heard.until(() => heard.ends.length > 0);
    expect(heard.ends).toEqual(["it ended with code null"]);
  });

  it("says why it cannot start", async () => {
    spawnGuardian(heard, { program: join(folder, "missing"), args: [] });
    await heard.until(() => heard.ends.length > 0);
    expect(heard.ends).toHaveLength(1);
    expect(heard.ends[0]).toContain("ENOENT");
  });
});

describe("the input of a guardian", () => {
  it("is read in any pieces, without what is no order", async () => {
    const input = new PassThrough();
    const orders: GuardianOrder[] = [];
    let ends = 0;
    listenTo(input, {
      onOrder: (order) => void orders.push(order),
      onEnd: () => {
        ends += 1;
      },
    });
    for (const piece of [
      '\n{"order":"wat',
      'ch","thawAfterMs":9500}\n\nnonsense\n{"order":"melt"}\n',
    ]) {
      input.write(piece);
    }
    input.end('{"order":"over"}\n');
    await once(input, "close");
    expect(orders).toEqual([watch, { order: "over" }]);
    expect(ends).toBeGreaterThan(0);
  });
});
