import { describe, expect, it } from "vitest";

import { aliasOf, deviceIn, scriptOf } from "../../../../src/tools/diskshadow/script.ts";

const plan = {
  writerId: "{D1C0FFEE-0000-4000-8000-0000000000A1}",
  volumes: ["C:\\", "D:\\"],
  metadataFile: "C:\\ProgramData\\wsb-addin\\shadow\\metadata.cab",
  commandFile: "C:\\ProgramData\\wsb-addin\\shadow\\wait.cmd",
};

describe("the script of diskshadow", () => {
  it("makes shadow copies that end with it, in a copy backup", () => {
    expect(scriptOf(plan).split("\r\n")).toEqual([
      "SET CONTEXT VOLATILE",
      "SET METADATA C:\\ProgramData\\wsb-addin\\shadow\\metadata.cab",
      "WRITER VERIFY {D1C0FFEE-0000-4000-8000-0000000000A1}",
      "ADD VOLUME C:\\ ALIAS WSB_ADDIN_SHADOW_C",
      "ADD VOLUME D:\\ ALIAS WSB_ADDIN_SHADOW_D",
      "CREATE",
      "EXEC C:\\ProgramData\\wsb-addin\\shadow\\wait.cmd",
      "EXIT",
      "",
    ]);
  });

  it("asks nobody without a writer", () => {
    const script = scriptOf({ ...plan, writerId: undefined });
    expect(script).toContain("SET CONTEXT VOLATILE NOWRITERS\r\n");
    expect(script).not.toContain("WRITER VERIFY");
  });

  it("quotes a path with blanks", () => {
    const script = scriptOf({ ...plan, commandFile: "D:\\Program Data\\wait.cmd" });
    expect(script).toContain('EXEC "D:\\Program Data\\wait.cmd"\r\n');
  });

  it.each(["\\\\?\\Volume{1}\\", "\\\\server\\share\\", "C:", ""])("refuses %j", (volume) => {
    expect(() => aliasOf(volume)).toThrow(
      expect.objectContaining({ code: "ERR_WSB_INVALID_ARGUMENT" }),
    );
  });
});

describe("the device of a shadow copy", () => {
  const id = "{0C5D1D2E-0000-4000-8000-00000000000C}";
  const device = "\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy12";
  const output = [
    "Inhalt der Schattenkopiesatz-ID: {11111111-2222-4333-8444-555555555555}",
    `      Schattenkopie-ID: ${id.toLowerCase()}`,
    "         Ursprüngliches Volume: (C:)\\\\?\\Volume{5c3bb1bb-0000-0000-0000-100000000000}\\",
    `         Schattenkopievolume: ${device}`,
    "         Quellcomputer: server",
  ].join("\r\n");

  it("is found in any language", () => {
    expect(deviceIn(output, id)).toBe(device);
  });

  it.each([
    ["nothing", "No items found that satisfy the query."],
    ["another shadow copy", output.replace(id.toLowerCase(), id.replace("0C5D", "1C5D"))],
    ["two devices", `${output}\r\n${device.replace("12", "13")}`],
  ])("is not guessed from %s", (_, text) => {
    expect(() => deviceIn(text, id)).toThrow(expect.objectContaining({ code: "ERR_WSB_PROGRAM" }));
  });
});
