import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { loadManifest } from "../../../../src/runtime/manifest/load.ts";
import {
  MANIFEST_DEFAULTS,
  requireAddin,
  type Manifest,
} from "../../../../src/runtime/manifest/manifest.ts";
import type { Problem } from "../../../../src/base/document/place.ts";
import { parseManifest, readManifest } from "../../../../src/runtime/manifest/parse.ts";
import { APP_ID, CLSID, WRITER_ID, minimalFields } from "../../../helpers/manifest.ts";
import { beyondSchema, invalidManifests, invalidSecurity, validManifests } from "./verdicts.ts";
import { invalidWriters, validWriters, writersBeyondSchema } from "./writer-verdicts.ts";

function manifestOf(value: unknown): Manifest {
  const result = readManifest(value);
  if ("value" in result) return result.value;
  throw new Error(JSON.stringify(result.problems));
}

function problemsOf(value: unknown): readonly Problem[] {
  const result = readManifest(value);
  return "problems" in result ? result.problems : [];
}

describe("readManifest", () => {
  it.each([...validManifests, ...validWriters])("accepts %s", (_, value) => {
    expect(problemsOf(value)).toEqual([]);
  });

  it.each([
    ...invalidManifests,
    ...invalidSecurity,
    ...beyondSchema,
    ...invalidWriters,
    ...writersBeyondSchema,
  ])("refuses %s", (_, value) => {
    expect(problemsOf(value)).not.toEqual([]);
  });

  it("fills in the defaults", () => {
    expect(manifestOf(minimalFields)).toEqual({
      ...minimalFields,
      addin: undefined,
      writer: { kind: "external" },
      services: [],
      timeoutsMs: {
        preRestore: 900_000,
        postRestore: 900_000,
        orderComponents: 60_000,
        isRollForwardSupported: 60_000,
        checkConsistency: 86_400_000,
        beforeServicesStop: 300_000,
        afterServicesStart: 300_000,
        restoreAbandoned: 300_000,
      },
      serviceTimeoutMs: 180_000,
      onPreRestoreFailure: "startServices",
      onAbandonedRestore: "keepStopped",
      abandonAfterMs: 86_400_000,
      lingerMs: 5000,
      security: { allow: ["S-1-5-18", "S-1-5-32-544", "S-1-5-32-551"] },
      log: { maxBytes: 1_048_576, files: 5 },
    });
  });

  it("reads all fields, with canonical GUIDs and defaults for missing limits", () => {
    const given = {
      ...minimalFields,
      writerId: WRITER_ID.slice(1, -1).toLowerCase(),
      clsid: CLSID.toLowerCase(),
      appId: APP_ID.toLowerCase(),
      services: ["B", "a"],
      timeoutsMs: { preRestore: 7 },
      serviceTimeoutMs: 8,
      onPreRestoreFailure: "keepStopped",
      abandonAfterMs: 1000,
      lingerMs: 0,
      security: { allow: ["s-1-5-32-549", "administrators", "System"] },
    };
    expect(manifestOf(given)).toMatchObject({
      writerId: WRITER_ID,
      addin: { clsid: CLSID, appId: APP_ID },
      services: ["B", "a"],
      timeoutsMs: { ...MANIFEST_DEFAULTS.timeoutsMs, preRestore: 7 },
      serviceTimeoutMs: 8,
      onPreRestoreFailure: "keepStopped",
      abandonAfterMs: 1000,
      lingerMs: 0,
      security: { allow: ["S-1-5-32-549", "S-1-5-32-544", "S-1-5-18"] },
    });
  });

  it.each([
    [{ onFailure: "restart" }, "startServices"],
    [{ onFailure: "leave" }, "keepStopped"],
    [{ onPreRestoreFailure: "restart" }, "startServices"],
    [{ onPreRestoreFailure: "leave" }, "keepStopped"],
  ])("reads the old name %j as %s", (fields, meant) => {
    const manifest = manifestOf({ ...minimalFields, ...fields });
    expect(manifest.onPreRestoreFailure).toBe(meant);
    expect(manifest).not.toHaveProperty("onFailure");
  });

  it("reads the negative zero of JSON as zero", () => {
    expect(manifestOf({ ...minimalFields, lingerMs: -0 }).lingerMs).toBe(0);
  });

  it("does not change the defaults for the next manifest", () => {
    manifestOf({ ...minimalFields, timeoutsMs: { preRestore: 7 } });
    expect(manifestOf(minimalFields).timeoutsMs.preRestore).toBe(900_000);
  });

  it.each([
    ["name", { name: "" }],
    ["writerId", { writerId: "x" }],
    ["applicationIdentifier", { applicationIdentifier: "a\tb" }],
    ["appId", { clsid: CLSID }],
    ["clsid", { appId: APP_ID }],
    ["services[1]", { services: ["A", "a"] }],
    ["services[2]", { services: ["A", "B", ""] }],
    ["timeoutsMs.preRestore", { timeoutsMs: { preRestore: 0 } }],
    ["timeoutsMs.preRestores", { timeoutsMs: { preRestores: 1 } }],
    ["serviceTimeoutMs", { serviceTimeoutMs: "3" }],
    ["onFailure", { onFailure: "Leave" }],
    ["onPreRestoreFailure", { onPreRestoreFailure: "startservices" }],
    ["onFailure", { onFailure: "leave", onPreRestoreFailure: "keepStopped" }],
    ["abandonAfterMs", { abandonAfterMs: 999 }],
    ["lingerMs", { lingerMs: 0.5 }],
    ["linger", { linger: 5 }],
    ["security", { security: [] }],
    ["security.allows", { security: { allows: [] } }],
    ["security.allow", { security: { allow: ["SYSTEM"] } }],
    ["security.allow[2]", { security: { allow: ["SYSTEM", "Administrators", "S-1-1-0"] } }],
  ])("names %s as the invalid field", (field, fields) => {
    expect(problemsOf({ ...minimalFields, ...fields }).map((one) => one.field)).toEqual([field]);
  });

  it("reports all problems at once", () => {
    const fields = problemsOf({ name: "", writerId: 1, extra: 1, services: [""], lingerMs: -1 });
    expect(fields.map(({ field }) => field).toSorted()).toEqual([
      "applicationIdentifier",
      "extra",
      "lingerMs",
      "name",
      "services[0]",
      "writerId",
    ]);
  });
});

describe("the message about a manifest", () => {
  it.each([
    [{ timeoutMs: {} }, "timeoutMs is not a field of the manifest; did you mean timeoutsMs?"],
    [
      { timeoutsMs: { preRestores: 1 } },
      "timeoutsMs.preRestores is not a field of timeoutsMs; did you mean preRestore?",
    ],
    [
      { onPreRestoreFailure: "keepstopped" },
      'onPreRestoreFailure must be "startServices" or "keepStopped"; it is "keepstopped"; did you mean keepStopped?',
    ],
    [
      { onFailure: "leave", onPreRestoreFailure: "keepStopped" },
      "onFailure is the old name of onPreRestoreFailure, which is set too; remove onFailure",
    ],
    [{ clsid: CLSID }, "appId is missing, and clsid needs it"],
    [{ services: ["A/B"] }, 'services[0] must not contain / or \\; it is "A/B"'],
    [
      { serviceTimeoutMs: "3" },
      'serviceTimeoutMs must be an integer from 1 to 2147483647 (milliseconds); it is "3"',
    ],
  ])("%j", (fields, sentence) => {
    const [problem] = problemsOf({ ...minimalFields, ...fields });
    expect(`${problem?.field} ${problem?.rule}`).toBe(sentence);
  });
});

describe("requireAddin", () => {
  it("returns the manifest of an add-in", () => {
    const manifest = manifestOf({ ...minimalFields, clsid: CLSID, appId: APP_ID });
    expect(requireAddin(manifest, "wsb-addin.json", { to: "serve" }).addin.clsid).toBe(CLSID);
  });

  it("refuses the manifest of an application without an add-in", () => {
    const need = { to: "build", instead: "run wsb-addin register" };
    expect(() => requireAddin(manifestOf(minimalFields), "wsb-addin.json", need)).toThrow(
      expect.objectContaining({ code: "ERR_WSB_INVALID_MANIFEST" }),
    );
  });
});

describe("parseManifest", () => {
  it.each([
    ["with", "\uFEFF"],
    ["without", ""],
  ])("reads a file %s a byte order mark", (_, mark) => {
    const manifest = parseManifest(`${mark}${JSON.stringify(minimalFields)}`, "wsb-addin.json");
    expect(manifest.writerId).toBe(WRITER_ID);
  });

  it.each([
    ["a field", '"name":"A","name":"B"', "name appears twice"],
    [
      "a field of an object",
      '"timeoutsMs":{"preRestore":1,"preRestore":2}',
      "timeoutsMs.preRestore",
    ],
    ["an unknown field", '"x\\u001b":1,"x\\u001b":2', String.raw`"x\u001b" appears twice`],
  ])("names %s that appears twice", (_, fields, named) => {
    const { name: _name, ...others } = minimalFields;
    const text = `{${fields.startsWith('"name') ? fields : `"name":"A",${fields}`},${JSON.stringify(others).slice(1)}`;
    expect(() => parseManifest(text, "wsb-addin.json")).toThrow(
      expect.objectContaining({
        code: "ERR_WSB_INVALID_MANIFEST",
        message: expect.stringContaining(named),
      }),
    );
  });

  it.each([
    ["an empty file", ""],
    ["what is not JSON", "{"],
    ["JSON with a comment", "{} // no"],
    ["two byte order marks", `\uFEFF\uFEFF${JSON.stringify(minimalFields)}`],
    ["a manifest with a problem", "{}"],
  ])("refuses %s", (_, text) => {
    expect(() => parseManifest(text, "wsb-addin.json")).toThrow(
      expect.objectContaining({ code: "ERR_WSB_INVALID_MANIFEST" }),
    );
  });
});

describe("a hostile manifest", () => {
  it("is refused in no time with 200,000 unknown fields", () => {
    const others = Object.fromEntries(
      Array.from({ length: 200_000 }, (_, n) => [`servces${n}`, n]),
    );
    const text = JSON.stringify({ ...minimalFields, ...others });
    const startMs = performance.now();
    expect(() => parseManifest(text, "wsb-addin.json")).toThrow(/at most 10000 fields/u);
    expect(performance.now() - startMs).toBeLessThan(1000);
  });

  it("is shown with its numbers, not as null", () => {
    const text = JSON.stringify({ ...minimalFields, lingerMs: 0 }).replace(":0", ":1e999");
    expect(() => parseManifest(text, "wsb-addin.json")).toThrow(/it is Infinity/u);
  });
});

function refusalOf(services: readonly string[]): string {
  try {
    parseManifest(JSON.stringify({ ...minimalFields, services }), "wsb-addin.json");
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
  return "";
}

describe("the text of a refusal", () => {
  it("lists 20 problems", () => {
    const text = refusalOf(Array.from({ length: 20 }, () => "/"));
    expect(text).toContain("services[19]");
    expect(text).not.toContain("more");
  });

  it("counts the problems beyond 20", () => {
    const text = refusalOf(Array.from({ length: 50_000 }, () => "/"));
    expect(text).toContain("services[19]");
    expect(text).not.toContain("services[20]");
    expect(text).toContain("and 49980 more");
  });
});

describe("loadManifest", () => {
  const folder = mkdtempSync(join(tmpdir(), "wsb-manifest-"));
  const file = join(folder, "wsb-addin.json");
  afterAll(() => rmSync(folder, { recursive: true }));

  it("reads a file", () => {
    writeFileSync(file, JSON.stringify({ ...minimalFields, name: "Größe \u{1F4D2}" }));
    expect(loadManifest(file).name).toBe("Größe \u{1F4D2}");
  });

  it.each([
    ["a file that is missing", "missing.json", "ENOENT"],
    ["a folder", ".", "EISDIR"],
  ])("refuses %s", (_, name, errno) => {
    expect(() => loadManifest(join(folder, name))).toThrow(
      expect.objectContaining({ code: "ERR_WSB_FILE", errno }),
    );
  });

  it("refuses an invalid file", () => {
    writeFileSync(file, "{}");
    expect(() => loadManifest(file)).toThrow(
      expect.objectContaining({ code: "ERR_WSB_INVALID_MANIFEST" }),
    );
  });
});
