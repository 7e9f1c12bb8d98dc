import { describe, expect, it } from "vitest";

import { planRegistration, serverCommand } from "../../../../src/tools/registration/plan.ts";
import { decodeString } from "../../../../src/tools/registration/registry-value.ts";
import { decodeDescriptor } from "../../../helpers/decode-descriptor.ts";
import { APP_ID, CLSID, WRITER_ID, manifestWith } from "../../../helpers/manifest.ts";
import { INSTALLATION, planOf } from "../../../helpers/fakes/registration.ts";

const writer = `SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\WindowsServerBackup\\Application Support\\${WRITER_ID}`;
const source =
  "SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\Contoso Ledger (wsb-addin)";
const comClass = `SOFTWARE\\Classes\\CLSID\\${CLSID}`;

function texts(plan: ReturnType<typeof planOf>): readonly unknown[] {
  return plan.map(({ key, name, value }) => [key, name, decodeString(value) ?? value.type]);
}

describe("planRegistration", () => {
  it("writes the event source first, then the class, then the values of Windows Server Backup", () => {
    expect(texts(planOf())).toEqual([
      [source, "EventMessageFile", "C:\\Program Files\\Contoso\\dist\\wsb-addin.node"],
      [source, "TypesSupported", 4],
      [`SOFTWARE\\Classes\\AppID\\${APP_ID}`, "", "Contoso Ledger"],
      [`SOFTWARE\\Classes\\AppID\\${APP_ID}`, "LaunchPermission", 3],
      [`SOFTWARE\\Classes\\AppID\\${APP_ID}`, "AccessPermission", 3],
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

  it("allows the manifest's accounts, with descriptors that Windows accepts", () => {
    const allow = ["S-1-5-18", "S-1-5-32-544"];
    const plan = planOf({ security: { allow } });
    const permissions = plan.filter(({ name }) => name.endsWith("Permission"));
    expect(permissions.map(({ value }) => decodeDescriptor(value.data).entries)).toEqual(
      [0x0b, 0x03].map((mask) => allow.map((sid) => ({ type: 0, flags: 0, mask, sid }))),
    );
  });

  it("writes no CLSID, no class and no event source for an application without an add-in", () => {
    expect(texts(planOf({ addin: undefined }))).toEqual([
      [writer, "Application Identifier", "Contoso Ledger"],
    ]);
  });

  it("lists errors, warnings and information in the event source", () => {
    const types = planOf().find(({ name }) => name === "TypesSupported");
    expect(types?.value).toEqual({ type: 4, data: new Uint8Array([7, 0, 0, 0]) });
  });

  it("gives neither the writer's key nor its parent a default value", () => {
    const defaults = planOf().filter(({ key, name }) => key.includes("Backup") && name === "");
    expect(defaults).toEqual([]);
  });

  it("does not mix the display name and the identifier", () => {
    const manifest = manifestWith({ name: "Größe", applicationIdentifier: "\u{1F4D2} \uD83D" });
    const plan = texts(planRegistration(manifest, INSTALLATION));
    expect(plan).toContainEqual([writer, "Application Identifier", "\u{1F4D2} \uD83D"]);
    expect(plan).toContainEqual([comClass, "", "Größe"]);
  });

  it("uses an exe as the message file of its events", () => {
    const exe = "C:\\Program Files\\Contoso\\contoso.exe";
    const plan = texts(
      planRegistration(manifestWith({ addin: { clsid: CLSID, appId: APP_ID } }), { nodeExe: exe }),
    );
    expect(plan).toContainEqual([source, "EventMessageFile", exe]);
  });

  it("gives a reason for every entry, and lists each value once", () => {
    const plan = planOf();
    expect(plan.every(({ why }) => why !== "")).toBe(true);
    expect(new Set(plan.map(({ key, name }) => `${key}\\\\${name}`)).size).toBe(plan.length);
  });
});

describe("serverCommand", () => {
  it("quotes both paths, with or without spaces", () => {
    const command = serverCommand({ nodeExe: "C:\\node.exe", serverScript: "C:\\a b\\server.js" });
    expect(command).toBe(`"C:\\node.exe" "C:\\a b\\server.js"`);
  });

  it("contains only an exe, which contains everything", () => {
    expect(serverCommand({ nodeExe: "C:\\a b\\contoso.exe" })).toBe(`"C:\\a b\\contoso.exe"`);
  });
});
