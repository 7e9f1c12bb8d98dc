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

  it("let SYSTEM, Administrators and Backup Operators start it only from this machine", () => {
    expect(decodeDescriptor(launchPermission(allow))).toEqual(
      allowing([SYSTEM, 0x0b], [ADMINISTRATORS, 0x0b], [BACKUP_OPERATORS, 0x0b]),
    );
  });

  it("let the same accounts call it only from this machine", () => {
    expect(decodeDescriptor(accessPermission(allow))).toEqual(
      allowing([SYSTEM, 0x03], [ADMINISTRATORS, 0x03], [BACKUP_OPERATORS, 0x03]),
    );
  });

  it("list the manifest's accounts in order", () => {
    const account = "S-1-5-21-1004336348-1177238915-682003330-4294967295";
    expect(decodeDescriptor(accessPermission([account, SYSTEM]))).toEqual(
      allowing([account, 3], [SYSTEM, 3]),
    );
  });
});

describe("buildDescriptor", () => {
  it("can build the descriptor of Exchange's add-in", () => {
    const exchange = buildDescriptor([
      { sid: SYSTEM, mask: 0x1f },
      { sid: ADMINISTRATORS, mask: 0x1f },
      { sid: BACKUP_OPERATORS, mask: 0x3 },
    ]);
    expect(decodeDescriptor(exchange)).toEqual(
      allowing([SYSTEM, 0x1f], [ADMINISTRATORS, 0x1f], [BACKUP_OPERATORS, 0x3]),
    );
  });

  it("grants nothing with an empty list, unlike a missing list", () => {
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

  it("refuses a truncated descriptor", () => {
    for (const length of whole.keys()) {
      expect(() => decodeDescriptor(whole.slice(0, length))).toThrow("not a security descriptor");
    }
  });

  it("refuses a descriptor with an extra byte", () => {
    expect(() => decodeDescriptor(new Uint8Array([...whole, 0]))).toThrow("too many");
  });
});
