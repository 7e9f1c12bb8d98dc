import { describe, expect, it } from "vitest";

import { MANIFEST_DEFAULTS } from "../../../../src/runtime/manifest/manifest.ts";
import {
  accessPermission,
  buildDescriptor,
  launchPermission,
} from "../../../../src/runtime/manifest/security-descriptor.ts";
import { decodeDescriptor } from "../../../helpers/decode-descriptor.ts";

const SYSTEM = "S-1-5-18";
const ADMINISTRATORS = "S-1-5-32-544";
const BACKUP_OPERATORS = "S-1-5-32-551";

// winnt.h: SE_SELF_RELATIVE | SE_DACL_PRESENT
const CONTROL = 0x8004;

function allowing(...grants: readonly (readonly [sid: string, mask: number])[]): object {
  return {
    revision: 1,
    control: CONTROL,
    owner: ADMINISTRATORS,
    group: ADMINISTRATORS,
    entries: grants.map(([sid, mask]) => ({ type: 0, flags: 0, mask, sid })),
  };
}

describe("the descriptors of an add-in", () => {
  const { allow } = MANIFEST_DEFAULTS.security;

  it("let SYSTEM, Administrators and Backup Operators start it from this machine alone", () => {
    expect(decodeDescriptor(launchPermission(allow))).toEqual(
      allowing([SYSTEM, 0x0b], [ADMINISTRATORS, 0x0b], [BACKUP_OPERATORS, 0x0b]),
    );
  });

  it("let the same call it from this machine alone", () => {
    expect(decodeDescriptor(accessPermission(allow))).toEqual(
      allowing([SYSTEM, 0x03], [ADMINISTRATORS, 0x03], [BACKUP_OPERATORS, 0x03]),
    );
  });

  it("name whom the manifest names, in its order", () => {
    const account = "S-1-5-21-1004336348-1177238915-682003330-4294967295";
    expect(decodeDescriptor(accessPermission([account, SYSTEM]))).toEqual(
      allowing([account, 3], [SYSTEM, 3]),
    );
  });
});

describe("buildDescriptor", () => {
  it("can say what Exchange's add-in says", () => {
    const exchange = buildDescriptor([
      { sid: SYSTEM, mask: 0x1f },
      { sid: ADMINISTRATORS, mask: 0x1f },
      { sid: BACKUP_OPERATORS, mask: 0x3 },
    ]);
    expect(decodeDescriptor(exchange)).toEqual(
      allowing([SYSTEM, 0x1f], [ADMINISTRATORS, 0x1f], [BACKUP_OPERATORS, 0x3]),
    );
  });

  it("lets nobody in with an empty list, which is not a missing one", () => {
    const descriptor = decodeDescriptor(buildDescriptor([]));
    expect(descriptor).toEqual(allowing());
  });

  it("keeps all 32 bits of a mask", () => {
    const descriptor = decodeDescriptor(buildDescriptor([{ sid: SYSTEM, mask: 0xffff_ffff }]));
    expect(descriptor).toEqual(allowing([SYSTEM, 0xffff_ffff]));
  });

  it("writes these bytes", () => {
    const hex = Buffer.from(buildDescriptor([{ sid: SYSTEM, mask: 3 }])).toString("hex");
    const acl = "02001c00010000000000140003000000010100000000000512000000";
    const administrators = "01020000000000052000000020020000";
    const twice = [administrators, administrators];
    expect(hex).toBe(
      ["01000480", "30000000", "40000000", "00000000", "14000000", acl, ...twice].join(""),
    );
  });
});

describe("the decoder of these tests", () => {
  const whole = launchPermission([SYSTEM, ADMINISTRATORS]);

  it("refuses a descriptor that was cut, wherever", () => {
    for (const length of whole.keys()) {
      expect(() => decodeDescriptor(whole.slice(0, length))).toThrow("not a security descriptor");
    }
  });

  it("refuses one with a byte too many", () => {
    expect(() => decodeDescriptor(new Uint8Array([...whole, 0]))).toThrow("too many");
  });
});
