import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { completeAnswers } from "../../generator/answers.ts";
import type { GivenAnswers } from "../../generator/answers.ts";
import { failureAsText, outcomeAsJson, outcomeAsText } from "../../generator/report.ts";
import type { Outcome, ReportSurroundings } from "../../generator/report.ts";
import { parseObject } from "./generator.ts";

const currentFolder = resolve("/projects");

function outcome(
  given: GivenAnswers,
  platform: ReportSurroundings["platform"],
  more: Partial<Outcome> = {},
): Outcome {
  return {
    answers: completeAnswers({ folder: "ledger", ...given }, { currentFolder }),
    files: [],
    kept: [],
    added: [],
    todo: [],
    hasScripts: true,
    missingServices: [],
    isDryRun: false,
    surroundings: { currentFolder, platform, programFiles: join(currentFolder, "Program Files") },
    ...more,
  };
}

/** The end of the report, from the first heading of commands. */
function next(...args: Parameters<typeof outcome>): string {
  const text = outcomeAsText(outcome(...args));
  return text.slice(text.indexOf("Next:")).trimEnd();
}

describe("the next commands", () => {
  it("on Windows register in an elevated prompt, from a folder that a developer can write", () => {
    expect(next({}, "win32")).toBe(
      [
        "Next:",
        "  cd ledger",
        "  npm install",
        "",
        "Then, in an elevated prompt:",
        "  npm run register -- --allow-writable-folder",
        "  npm run simulate",
      ].join("\n"),
    );
    expect(next({ packageManager: "pnpm" }, "win32")).toContain(
      "pnpm run register --allow-writable-folder",
    );
  });

  it("register without that flag from a folder of installed programs, and what has no files", () => {
    expect(next({ folder: "Program Files/ledger" }, "win32")).not.toContain("--allow-writable");
    expect(next({ kind: "application" }, "win32")).not.toContain("--allow-writable");
  });

  it("on Linux use the lab, with stand-ins for the services", () => {
    expect(next({}, "linux", { missingServices: ["ContosoLedger", "It's B"] })).toBe(
      [
        "Next:",
        "  cd ledger",
        "  npm install",
        "  npx wsb-addin lab up",
        "  npx wsb-addin lab service add ContosoLedger",
        String.raw`  npx wsb-addin lab service add 'It'\''s B'`,
        "  npm run register",
        "  npm run simulate",
      ].join("\n"),
    );
  });

  it("on another system only test, because there is no lab", () => {
    expect(next({}, "darwin")).toMatch(
      /^Next:\n.*\n.*\n {2}npm test\n\nThen, on Windows or Linux:/u,
    );
  });

  it("accept on Windows that a developer can write the folder of a writer's service", () => {
    const given = { kind: "application", writer: "service" };
    expect(next(given, "win32")).toContain("register -- --allow-writable-folder");
    expect(next({ ...given, writer: "declared" }, "win32")).not.toContain("--allow-writable");
  });

  it("build a writer's service where package.json keeps scripts of its own", () => {
    const given = { kind: "application", writer: "service" };
    expect(next(given, "linux", { hasScripts: false })).toMatch(
      /npx wsb-addin build\n {2}npx wsb-addin register\n/u,
    );
  });

  it.each(["add-in", "application", "cloud"])(
    "run programs where package.json keeps scripts of its own: %s",
    (kind) => {
      const text = next({ kind }, "linux", { hasScripts: false });
      expect(text).not.toContain("npm run");
      expect(text).toMatch(/npx wsb-addin (?:cloud )?register/u);
    },
  );

  it("are in the document in the same order", () => {
    const document = parseObject(outcomeAsJson(outcome({ install: true }, "win32")));
    expect(document["next"]).toEqual([
      "cd ledger",
      "npm run register -- --allow-writable-folder",
      "npm run simulate",
    ]);
  });
});

describe("the report of a writer", () => {
  it.each([
    [{ writer: "service" }, /src\/writer\.ts.*every backup of the server\s+fails/su],
    [{ writer: "declared" }, /lists in writer\. Correct the list/u],
    [{}, /The writer ID is new\..*npx wsb-addin generate writer/su],
  ])("says of %j what is left to do", (given, text) => {
    expect(outcomeAsText(outcome(given, "linux"))).toMatch(text);
  });

  it("says nothing of a writer that the application has", () => {
    const given = { writerId: "{CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}" };
    expect(outcomeAsText(outcome(given, "linux"))).not.toMatch(/writer\.ts|generate writer|lists/u);
  });
});

it("the report says what was added to package.json, and what is to do", () => {
  const merged = outcome({}, "linux", { added: ["scripts.build"], todo: ["Do this."] });
  const text = outcomeAsText(merged);
  expect(text).toContain("Added to package.json:\n  scripts.build\n");
  expect(text).toContain("To do:\n  Do this.\n");
  expect(parseObject(outcomeAsJson(merged))).toMatchObject({
    added: ["scripts.build"],
    todo: ["Do this."],
  });
});

it("a failure names its page, after the files that are in the way", () => {
  expect(failureAsText("ERR_WSB_TARGET_EXISTS", "It is not empty.", ["a.txt"])).toBe(
    "It is not empty.\n  a.txt\nSee docs/errors.md#err_wsb_target_exists in the npm package wsb-addin.\n",
  );
});
