import { SaxesParser } from "saxes";
import { describe, expect, it } from "vitest";

import { bootTaskXml, needsBootTask } from "../../../../src/tools/registration/boot-task.ts";
import { APP_ID, CLSID, manifestWith } from "../../../helpers/manifest.ts";

const addin = { clsid: CLSID, appId: APP_ID };

/** Returns the texts of a document's elements by name; throws if it is not well-formed. */
function textsOf(xml: string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  const parser = new SaxesParser();
  const open: string[] = [];
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name }) => open.push(name));
  parser.on("text", (text) => {
    if (text.trim() !== "") texts.set(open.at(-1) ?? "", text);
  });
  parser.on("closetag", () => open.pop());
  parser.write(xml).close();
  return texts;
}

describe("the start-up task", () => {
  it("runs the installed server as SYSTEM, with unchanged paths and names", () => {
    const manifest = manifestWith({ name: '<Ledger> & "Sons"', addin, services: ["A"] });
    const nodeExe = "C:\\R&D\\node.exe";
    const serverScript = "C:\\a b\\server.js";
    const texts = textsOf(bootTaskXml(manifest, { nodeExe, serverScript }));
    expect(texts.get("Command")).toBe(nodeExe);
    expect(texts.get("Arguments")).toBe(`"${serverScript}" --recover ${CLSID}`);
    expect(texts.get("UserId")).toBe("S-1-5-18");
    expect(texts.get("Description")).toContain(manifest.name);
  });

  it("runs only the exe of a packed add-in", () => {
    const texts = textsOf(bootTaskXml(manifestWith({ addin }), { nodeExe: "C:\\a b\\x.exe" }));
    expect([texts.get("Command"), texts.get("Arguments")]).toEqual([
      "C:\\a b\\x.exe",
      `--recover ${CLSID}`,
    ]);
  });

  it("is needed for an add-in that stops services", () => {
    expect(needsBootTask(manifestWith({ addin, services: ["A"] }))).toBe(true);
    expect(needsBootTask(manifestWith({ addin, services: [] }))).toBe(false);
    expect(needsBootTask(manifestWith({ addin: undefined, services: ["A"] }))).toBe(false);
  });
});
