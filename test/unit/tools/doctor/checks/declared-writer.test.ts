import { describe, expect, it } from "vitest";

import { WRITER_DEFAULTS } from "../../../../../src/runtime/manifest/writer-settings.ts";
import type { Writer } from "../../../../../src/runtime/manifest/writer.ts";
import {
  componentFilesCheck,
  judgeFolders,
} from "../../../../../src/tools/doctor/checks/component-files.ts";
import { registrationCheck } from "../../../../../src/tools/doctor/checks/registration.ts";
import { writerStableCheck } from "../../../../../src/tools/doctor/checks/writer-stable.ts";
import { addinWith, machineWith, make, writerWith } from "../../../../helpers/doctor-bed.ts";
import { manifestWith } from "../../../../helpers/manifest.ts";

const declared: Writer = {
  kind: "declared",
  components: [],
  backupSchema: ["copy"],
  restoreMethod: "restoreIfCanReplace",
  exclude: [],
};

function found(writer: readonly string[]) {
  const registration = async () => ({
    condition: "differs" as const,
    drift: [],
    writer,
    warnings: [],
  });
  return make(registrationCheck, machineWith(), addinWith({ registration }));
}

describe("the registration of a declared writer", () => {
  it("fails with what is wrong in Windows' store", async () => {
    expect(await found(["It is missing."])).toMatchObject({
      verdict: "fail",
      found: "It is missing.",
      advice: expect.stringContaining("register"),
    });
  });

  it("is not to blame when it is as it was written", async () => {
    expect(await found([])).toMatchObject({ verdict: "warn" });
  });
});

describe("a declared writer", () => {
  const addin = addinWith({ manifest: manifestWith({ writer: declared }) });
  const listed = (writers: readonly ReturnType<typeof writerWith>[]) =>
    make(writerStableCheck, machineWith({ programs: { writers: async () => writers } }), addin);

  it("need not be listed by vssadmin", async () => {
    expect(await listed([])).toMatchObject({ verdict: "not applicable" });
  });

  it("that is listed must be stable", async () => {
    expect(await listed([writerWith()])).toMatchObject({ verdict: "ok" });
    expect(await listed([writerWith({ state: 7 })])).toMatchObject({ verdict: "fail" });
  });
});

describe("a writer in a service", () => {
  const writer: Writer = { ...declared, ...WRITER_DEFAULTS, kind: "service", components: [] };
  const addin = addinWith({ manifest: manifestWith({ writer }) });
  const listed = (writers: readonly ReturnType<typeof writerWith>[]) =>
    make(writerStableCheck, machineWith({ programs: { writers: async () => writers } }), addin);

  it("that is not listed is off, or its service does not run", async () => {
    const finding = await listed([]);
    expect(finding).toMatchObject({ verdict: "fail" });
    expect(finding.advice).toContain("writer on");
    expect(finding.advice).toContain("register");
  });

  it("that is listed must be stable", async () => {
    expect(await listed([writerWith()])).toMatchObject({ verdict: "ok" });
    expect(await listed([writerWith({ state: 7 })])).toMatchObject({ verdict: "fail" });
  });
});

describe("the folders of the components", () => {
  it("are named if they do not exist", () => {
    const finding = judgeFolders(["C:\\a", "C:\\b"], (path) => path === "C:\\a");
    expect(finding).toMatchObject({ verdict: "fail", found: "C:\\b does not exist." });
  });

  it("are ok if they exist", async () => {
    const addin = addinWith({ componentPaths: [process.cwd()] });
    expect(await make(componentFilesCheck, machineWith(), addin)).toMatchObject({ verdict: "ok" });
  });

  it("are not known of a writer that the application brings", async () => {
    expect(await make(componentFilesCheck)).toMatchObject({ verdict: "not applicable" });
  });
});
