import { describe, expect, it } from "vitest";

import { foldersCheck, judgeFolders } from "../../../../../src/tools/doctor/checks/folders.ts";
import { INSTALLATION } from "../../../../helpers/fakes/registration.ts";
import { addinWith, machineWith, make } from "../../../../helpers/doctor-bed.ts";

const command = (text: string): string => text;
const sound = { missing: [], writable: [], foreign: undefined };

describe("the files and folders", () => {
  it("are ok if only administrators can change them", () => {
    expect(judgeFolders(sound, { command }).verdict).toBe("ok");
  });

  it("fail if one is missing", () => {
    const finding = judgeFolders({ ...sound, missing: ["C:\\x\\server.js"] }, { command });
    expect(finding.verdict).toBe("fail");
    expect(finding.found).toContain("server.js");
  });

  it("fail if somebody else made the folder of sessions", () => {
    const foreign = "C:\\ProgramData\\wsb-addin belongs to mallory.";
    expect(judgeFolders({ ...sound, foreign }, { command })).toMatchObject({
      verdict: "fail",
      found: foreign,
    });
  });

  it("warn if users can change them", () => {
    const writable = ["C:\\x: Users can write to it"];
    expect(judgeFolders({ ...sound, writable }, { command }).verdict).toBe("warn");
  });

  it("are looked for on the disk", async () => {
    const finding = await make(foldersCheck);
    expect(finding.verdict).toBe("fail");
    for (const name of ["node.exe", "server.js", "wsb-addin.node", "wsb-addin.json"]) {
      expect(finding.found).toContain(name);
    }
  });

  it("include the script of a writer's service", async () => {
    const { nodeExe } = INSTALLATION;
    const installation = { nodeExe, writerScript: "C:\\Ledger\\writer.js" };
    const addin = addinWith({ clsid: undefined, installation });
    const finding = await make(foldersCheck, machineWith(), addin);
    expect(finding.verdict).toBe("fail");
    expect(finding.found).toContain("C:\\Ledger\\writer.js is missing.");
  });

  it("need an elevated prompt", async () => {
    expect(await make(foldersCheck, machineWith({ elevated: false }))).toMatchObject({
      verdict: "unknown",
    });
  });
});
