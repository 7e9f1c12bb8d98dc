import { beforeEach, describe, expect, it } from "vitest";

import { WriterSwitch } from "../../../../src/runtime/writer/switch.ts";
import { FakeRegistry, writeText } from "../../../helpers/fakes/fake-registry.ts";
import { WRITER_ID } from "../../../helpers/manifest.ts";

const KEY = `SOFTWARE\\wsb-addin\\Writers\\${WRITER_ID}`;

let registry: FakeRegistry;

beforeEach(() => {
  registry = new FakeRegistry();
});

describe("a writer's switch", () => {
  it("is on until somebody turns it off", () => {
    const one = new WriterSwitch(registry, WRITER_ID);
    expect(one.read()).toBe("on");
    one.turnOff("administrator");
    expect(one.read()).toBe("administrator");
    one.turnOff("failedFreezes");
    expect(one.read()).toBe("failedFreezes");
  });

  it("is off when its value means nothing", () => {
    writeText(registry, { key: KEY, name: "off" }, "perhaps");
    expect(new WriterSwitch(registry, WRITER_ID).read()).toBe("unreadable");
  });

  it("is off when its value is no text", () => {
    registry.createRegistryKey(KEY);
    registry.writeRegistryValue(KEY, "off", 4, new Uint8Array([1, 0, 0, 0]));
    expect(new WriterSwitch(registry, WRITER_ID).read()).toBe("unreadable");
  });

  it("leaves nothing when it is turned on, also twice", () => {
    const before = registry.snapshot();
    const one = new WriterSwitch(registry, WRITER_ID);
    one.turnOff("administrator");
    one.turnOn();
    one.turnOn();
    expect(one.read()).toBe("on");
    expect(registry.snapshot()).toEqual(before);
  });

  it("leaves the other writers", () => {
    const other = new WriterSwitch(registry, "{OTHER}");
    other.turnOff("administrator");
    const one = new WriterSwitch(registry, WRITER_ID);
    one.turnOff("administrator");
    one.turnOn();
    expect(other.read()).toBe("administrator");
  });

  it("leaves what else is there", () => {
    const slot = { key: "SOFTWARE\\wsb-addin\\Writers", name: "Policy" };
    writeText(registry, slot, "of somebody");
    const before = registry.snapshot();
    const one = new WriterSwitch(registry, WRITER_ID);
    one.turnOff("administrator");
    one.turnOn();
    expect(registry.snapshot()).toEqual(before);
  });

  it("says when a power cut could turn it on again", () => {
    registry.fault = ({ api }) => (api === "flushRegistryKey" ? 0x80070005 : undefined);
    const error = expect.objectContaining({ code: "ERR_WSB_ACCESS_DENIED" });
    expect(() => new WriterSwitch(registry, WRITER_ID).turnOff("administrator")).toThrow(error);
  });

  it("says what cannot be read", () => {
    registry.fault = () => 0x80070005;
    const error = expect.objectContaining({ code: "ERR_WSB_ACCESS_DENIED" });
    expect(() => new WriterSwitch(registry, WRITER_ID).read()).toThrow(error);
  });
});
