import { describe, expect, it } from "vitest";

import {
  comPermissionsCheck,
  judgePermissions,
} from "../../../../../src/tools/doctor/checks/com-permissions.ts";
import { encodeString } from "../../../../../src/tools/registration/registry-value.ts";
import { machineWith, make } from "../../../../helpers/doctor-bed.ts";
import { FakeRegistry } from "../../../../helpers/fakes/fake-registry.ts";

const OLE = "SOFTWARE\\Microsoft\\Ole";
const START = 0xb;

function judge(descriptor: string | null, needed = START) {
  const place = { key: OLE, name: "MachineLaunchRestriction", needed };
  return judgePermissions([{ ...place, descriptor }], "Y").verdict;
}

describe("a descriptor of the machine", () => {
  it.each([
    "O:BAG:BAD:(A;;CCDCLCSWRP;;;BA)(A;;CCDCSW;;;WD)",
    "O:BAG:BAD:(A;;CCDCSW;;;SY)",
    "O:BAG:BAD:(A;;0x1f;;;S-1-5-18)",
    // The old form of the right grants all.
    "O:BAG:BAD:(A;;CC;;;SY)",
    "O:BAG:BAD:NO_ACCESS_CONTROL",
    "O:BAG:BA",
  ])("lets SYSTEM in: %s", (descriptor) => {
    expect(judge(descriptor)).toBe("ok");
  });

  it.each([
    "O:BAG:BAD:(A;;CCDCLCSWRP;;;BO)",
    "O:BAG:BAD:(D;;CCDCLCSWRP;;;SY)(A;;CCDCLCSWRP;;;SY)",
    // Remote only.
    "O:BAG:BAD:(A;;CCLCRP;;;SY)",
    "O:BAG:BAD:",
  ])("keeps SYSTEM out: %s", (descriptor) => {
    expect(judge(descriptor)).toBe("fail");
  });

  it("fails if Windows does not accept it", () => {
    expect(judge(null)).toBe("fail");
  });
});

describe("the permissions of the machine", () => {
  function found(name: string, value: { type: number; data: Uint8Array }, key = OLE) {
    const registry = new FakeRegistry();
    registry.createRegistryKey(key);
    registry.writeRegistryValue(key, name, value.type, value.data);
    const api = { describeSecurity: () => "O:BAG:BAD:(A;;CCDCLCSWRP;;;BO)" };
    return make(comPermissionsCheck, machineWith({ registry, api }));
  }
  const bytes = { type: 3, data: new Uint8Array([1]) };
  const policy = "SOFTWARE\\Policies\\Microsoft\\Windows NT\\DCOM";

  it("are ok where Windows' own apply", async () => {
    expect(await make(comPermissionsCheck)).toMatchObject({ verdict: "ok" });
  });

  it.each([
    ["DefaultAccessPermission", bytes, OLE],
    ["DefaultLaunchPermission", bytes, OLE],
    ["MachineAccessRestriction", bytes, OLE],
    ["MachineLaunchRestriction", encodeString("O:BAG:BAD:(A;;CCDCLCSWRP;;;BO)"), policy],
  ])("fail if %s keeps SYSTEM out", async (name, value, key) => {
    const finding = await found(name, value, key);
    expect(finding.verdict).toBe("fail");
    expect(finding.found).toContain(name);
  });

  it("are ok with an empty policy", async () => {
    const finding = await found("MachineAccessRestriction", encodeString(""), policy);
    expect(finding.verdict).toBe("ok");
  });

  it("warn if DCOM is off", async () => {
    expect(await found("EnableDCOM", encodeString("N"))).toMatchObject({ verdict: "warn" });
  });
});
