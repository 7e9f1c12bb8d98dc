import { describe, expect, it } from "vitest";

import { planRegistration, serverCommand } from "../../../src/registration/plan.ts";
import { decodeString } from "../../../src/registration/registry-value.ts";
import { APP_ID, CLSID, WRITER_ID, manifestWith } from "../../helpers/manifest.ts";
import { INSTALLATION, planOf } from "../../helpers/registration.ts";

const writer = `SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\WindowsServerBackup\\Application Support\\${WRITER_ID}`;
const comClass = `SOFTWARE\\Classes\\CLSID\\${CLSID}`;

function texts(plan: ReturnType<typeof planOf>): readonly unknown[] {
  return plan.map(({ key, name, value }) => [key, name, decodeString(value)]);
}

describe("planRegistration", () => {
  it("writes the class first, and what Windows Server Backup reads last", () => {
    expect(texts(planOf())).toEqual([
      [`SOFTWARE\\Classes\\AppID\\${APP_ID}`, "", "Contoso Ledger"],
      [comClass, "", "Contoso Ledger"],
      [comClass, "AppID", APP_ID],
      [
        `${comClass}\\LocalServer32`,
        "",
        `"C:\\Program Files\\nodejs\\node.exe" "C:\\Program Files\\Contoso\\dist\\server.js"`,
      ],
      [`${comClass}\\LocalServer32`, "ServerExecutable", "C:\\Program Files\\nodejs\\node.exe"],
      [writer, "Application Identifier", "Contoso Ledger"],
      [writer, "CLSID", CLSID],
    ]);
  });

  it("writes no CLSID and no class for an application without an add-in", () => {
    expect(texts(planOf({ addin: undefined }))).toEqual([
      [writer, "Application Identifier", "Contoso Ledger"],
    ]);
  });

  it("gives neither the writer's key nor its parent a default value", () => {
    const defaults = planOf().filter(({ key, name }) => key.includes("Backup") && name === "");
    expect(defaults).toEqual([]);
  });

  it("keeps the name for people apart from the identifier", () => {
    const manifest = manifestWith({ name: "Größe", applicationIdentifier: "\u{1F4D2} \uD83D" });
    const plan = texts(planRegistration(manifest, INSTALLATION));
    expect(plan).toContainEqual([writer, "Application Identifier", "\u{1F4D2} \uD83D"]);
    expect(plan).toContainEqual([comClass, "", "Größe"]);
  });

  it("says why for every entry, and names no slot twice", () => {
    const plan = planOf();
    expect(plan.every(({ why }) => why !== "")).toBe(true);
    expect(new Set(plan.map(({ key, name }) => `${key}\\\\${name}`)).size).toBe(plan.length);
  });
});

describe("serverCommand", () => {
  it("quotes both paths, with a space in them or without", () => {
    const command = serverCommand({ nodeExe: "C:\\node.exe", serverScript: "C:\\a b\\server.js" });
    expect(command).toBe(`"C:\\node.exe" "C:\\a b\\server.js"`);
  });
});
