import { NtExecutable, NtExecutableResource, Resource } from "resedit";
import { describe, expect, it } from "vitest";

import { makeExe, readNodeVersion, type ExeContent } from "../../../../src/tools/pack/exe.ts";
import { tinyIcon, tinyNodeExe, tinyShim } from "../../../helpers/fakes/tiny-node-exe.ts";

const usage = expect.objectContaining({ code: "ERR_WSB_INVALID_ARGUMENT" });
const content: ExeContent = {
  blob: Buffer.from("a script"),
  numbers: [1, 2, 3],
  shim: tinyShim("texts of events"),
  texts: { FileDescription: "Contoso & Größe 📒", ProductVersion: "1.2.3-beta" },
};

describe("readNodeVersion", () => {
  it("reads the version from the program", () => {
    expect(readNodeVersion("node.exe", tinyNodeExe())).toBe("22.23.3");
  });

  it.each<[string, Uint8Array]>([
    ["a text", Buffer.from("#!/bin/sh")],
    ["nothing", Buffer.alloc(0)],
    ["another program", tinyNodeExe({ ProductName: "Other" })],
    ["an old Node.js", tinyNodeExe({ ProductVersion: "18.20.0" })],
    ["a version that is a path", tinyNodeExe({ ProductVersion: "22.1.0/../x" })],
  ])("refuses %s", (_, program) => {
    expect(() => readNodeVersion("node.exe", program)).toThrow(usage);
  });
});

describe("makeExe", () => {
  const made = makeExe("node.exe", tinyNodeExe(), content);
  const exe = NtExecutable.from(made);
  const { entries } = NtExecutableResource.from(exe);

  it("tells Node.js that it contains a script, and where", () => {
    expect(Buffer.from(made).includes("b2:1")).toBe(true);
    expect(Buffer.from(made).includes("b2:0")).toBe(false);
    const blob = entries.find(({ type, id }) => type === 10 && id === "NODE_SEA_BLOB");
    expect(Buffer.from(blob?.bin ?? new ArrayBuffer()).toString()).toBe("a script");
  });

  it("opens no console window", () => {
    expect(exe.newHeader.optionalHeader.subsystem).toBe(2);
  });

  it("has the product's texts and none of Node.js' own", () => {
    const [info] = Resource.VersionInfo.fromEntries(entries);
    expect(info?.getStringValues({ lang: 1033, codepage: 1200 })).toMatchObject(content.texts);
    expect(info?.getStringValues({ lang: 1033, codepage: 1200 })).not.toHaveProperty("CompanyName");
    expect(info?.fixedInfo).toMatchObject({ fileVersionMS: 0x10002, fileVersionLS: 0x30000 });
  });

  it("has the shim's message table", () => {
    const messages = entries.filter(({ type }) => type === 11);
    expect(messages.map(({ bin }) => Buffer.from(bin).toString())).toEqual(["texts of events"]);
    for (const shim of [tinyShim(undefined), Buffer.from("no library")]) {
      expect(() => makeExe("node.exe", tinyNodeExe(), { ...content, shim })).toThrow(
        expect.objectContaining({ code: "ERR_WSB_BUILD" }),
      );
    }
  });

  it("gives the same bytes for the same input", () => {
    expect(Buffer.from(makeExe("node.exe", tinyNodeExe(), content))).toEqual(Buffer.from(made));
  });

  it("shows the given icon, and refuses an invalid one", () => {
    const colour = 0xff336699;
    const withIcon = makeExe("node.exe", tinyNodeExe(), { ...content, icon: tinyIcon(colour) });
    const icons = NtExecutableResource.from(NtExecutable.from(withIcon)).entries.filter(
      ({ type }) => type === 3,
    );
    expect(icons.map(({ bin }) => Buffer.from(bin).readUInt32LE(40))).toEqual([colour]);
    expect(() =>
      makeExe("node.exe", tinyNodeExe(), { ...content, icon: Buffer.from("<svg/>") }),
    ).toThrow(usage);
  });

  it("refuses a program without the place for a script", () => {
    expect(() => makeExe("node.exe", tinyNodeExe({}, "no fuse"), content)).toThrow(usage);
  });
});
